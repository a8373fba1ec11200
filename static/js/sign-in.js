// Signing in over the page: nothing on it is replaced, and what was refused is sent once more.
let refused = null;

const dialog = () => document.querySelector("#sign-in");

document.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (detail.target.id !== "sign-in" || dialog().open) return;
  refused = detail.requestConfig;
  const field = document.activeElement;
  const { selectionStart, selectionEnd } = field;
  dialog().addEventListener("close", () => {
    dialog().replaceChildren();
    // The dialog gives the focus back by itself, but not the caret.
    if (selectionStart != null) field.setSelectionRange(selectionStart, selectionEnd);
  }, { once: true });
  htmx.process(dialog()); // at once, or a quick hand would send the form as a page
  dialog().showModal();
});

document.addEventListener("signed-in", () => {
  const { verb, elt, triggeringEvent } = refused;
  const { here } = dialog().querySelector("form").dataset;
  dialog().close();
  // It may be somebody else now: what is read is read from the start, what is written names its owner.
  if (verb === "get") location.replace(here);
  else htmx.trigger(elt, triggeringEvent.type);
});
