// A line on the timeline: Enter sends it, but not the Enter that an input method takes; and nothing but our own
// answer takes its place. What is typed there is a draft (form-drafts.js).
import { isTaken } from "./composition.js";

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.id === "line" && isTaken(event)) event.preventDefault();
}, true);

document.addEventListener("htmx:beforeSwap", ({ target, detail }) => {
  if (detail.requestConfig.elt.id !== "quick") return;
  if (["X-Save", "HX-Retarget"].some((name) => detail.xhr.getResponseHeader(name))) return;
  detail.shouldSwap = false;
  htmx.trigger(target, "htmx:sendError"); // said as if there had been no answer
});
