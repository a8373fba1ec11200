// A line on the timeline: Enter sends it, but not the Enter that an input method takes; and nothing but our own
// answer takes its place.
import { isTaken } from "./composing.js";

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.id === "line" && isTaken(event)) event.preventDefault();
}, true);

// What is typed and not sent is there again when a visit to another page of the site is over; who leaves is asked.
let typed = "";

document.addEventListener("input", ({ target }) => { if (target.id === "line") typed = target.value; });
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.requestConfig.elt.id === "quick" && detail.xhr.getResponseHeader("X-Save") === "saved") typed = "";
});
document.addEventListener("htmx:afterSettle", ({ detail }) => {
  if (detail.boosted && typed) document.querySelector("#line")?.setAttribute("value", typed);
});
addEventListener("beforeunload", (event) => { if (typed.trim()) event.preventDefault(); });
addEventListener("pagehide", () => { typed = ""; });

document.addEventListener("htmx:beforeSwap", ({ target, detail }) => {
  if (detail.requestConfig.elt.id !== "quick") return;
  if (["X-Save", "HX-Retarget"].some((name) => detail.xhr.getResponseHeader(name))) return;
  detail.shouldSwap = false;
  htmx.trigger(target, "htmx:sendError"); // said as if there had been no answer
});
