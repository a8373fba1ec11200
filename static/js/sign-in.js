// Signing in over the page: nothing on it is replaced, and what was refused is sent once more.
const LOST = "Your browser doesn’t keep cookies from this site, so the sign-in was lost. Nothing on this page is: allow "
  + "cookies for it, then sign in again.";

let refused = null;
let signedIn = 0; // when, by this dialog

const dialog = () => document.querySelector("#sign-in");

document.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (detail.target.id !== "sign-in" || dialog().open) return;
  refused = detail.requestConfig;
  if (Date.now() - signedIn < 30_000) dialog().querySelector("p").textContent = LOST;
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
  signedIn = Date.now();
  const here = encodeURIComponent(dialog().querySelector("[name=next]").value);
  dialog().close();
  // It may be somebody else now: what is read is read from the start, what is written names its owner.
  if (verb === "get") location.replace(`/login?check=cookies&next=${here}`);
  else htmx.trigger(elt, triggeringEvent.type);
});
