// Sign-in dialog: opens over the page when a request gets 401, then sends that request again.
let refused = null; // the request that got 401

const dialog = () => document.querySelector("#sign-in");

document.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (detail.target.id !== "sign-in" || dialog().open) return;
  refused = detail.requestConfig;
  const field = document.activeElement;
  const { selectionStart, selectionEnd } = field;
  dialog().addEventListener("close", () => {
    dialog().replaceChildren();
    // Closing a dialog restores the focus, but not the caret.
    if (selectionStart != null) field.setSelectionRange(selectionStart, selectionEnd);
  }, { once: true });
  htmx.process(dialog()); // at once, so that htmx handles even a form that is submitted immediately
  dialog().showModal();
});

document.addEventListener("signed-in", () => {
  const { verb, elt, triggeringEvent } = refused;
  const { here } = dialog().querySelector("form").dataset;
  dialog().close();
  // Another account may be signed in now. So a list is loaded from its start; a save names its owner by itself.
  if (verb === "get") location.replace(here);
  else htmx.trigger(elt, triggeringEvent.type);
});
