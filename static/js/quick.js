// A line on the timeline: Enter sends it, but not the Enter that ends a composition; and nothing but our own
// answer takes its place.
const COMMIT = 50; // ms in which that one may arrive late

let composed = 0;

document.addEventListener("compositionend", ({ timeStamp }) => { composed = timeStamp; });
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.target.id !== "line") return;
  if (event.isComposing || event.keyCode === 229 || event.timeStamp - composed < COMMIT) event.preventDefault();
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
