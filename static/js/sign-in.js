// Signing in over the page: nothing on it is replaced, and what could not be done is done afterwards.
const dialog = document.querySelector("#sign-in");
let refused = null;

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target !== dialog || dialog.open) return;
  refused = event.detail.requestConfig.elt;
  dialog.showModal();
});

document.addEventListener("signed-in", () => {
  if (!dialog.open) return location.assign(new URLSearchParams(location.search).get("next") || "/");
  dialog.close();
  dialog.replaceChildren();
  if (refused) htmx.trigger(refused, refused.matches("form") ? "save" : "click");
  refused = null;
});
