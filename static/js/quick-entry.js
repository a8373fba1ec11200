// Quick entry: the one-line form on the timeline. Its text is a draft as well (form-drafts.js).
import { isImeKey } from "./composition.js";

// Enter sends the line, unless an input method uses the key.
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.id === "line" && isImeKey(event)) event.preventDefault();
}, true);

// Only the journal's own responses replace the form; a captive portal's page counts as no response.
document.addEventListener("htmx:beforeSwap", ({ target, detail }) => {
  if (detail.requestConfig.elt.id !== "quick") return;
  if (["X-Save", "HX-Retarget"].some((name) => detail.xhr.getResponseHeader(name))) return;
  detail.shouldSwap = false;
  htmx.trigger(target, "htmx:sendError");
});
