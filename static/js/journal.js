// What every page but the editor does: visits without a reload, lists, the calendar, searching.
import "./search.js";
import "./form-drafts.js";
import "./quick-entry.js";
import "./scroll-restore.js";
import { say } from "./announce.js";
import "./calendar-keys.js";

// A page of a newer site can't live with the scripts and styles of this one.
function isOutdated(html) {
  return !html.includes(new URL(import.meta.url).pathname);
}

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (!detail.boosted || !isOutdated(detail.xhr.responseText)) return;
  detail.shouldSwap = false;
  location.assign(detail.xhr.responseURL);
});

document.addEventListener("htmx:afterSettle", ({ detail, target }) => {
  if (!detail.boosted || target !== document.body) return;
  const main = document.querySelector("#main");
  if (!main.contains(document.activeElement)) main.focus({ preventScroll: true });
  say([document.title, document.querySelector("#notice").textContent.trim()].join(". "));
});

// What a button has done to a part of the page is said, as nothing leads there who does not see it.
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  const { elt, triggeringEvent } = detail.requestConfig;
  const { done } = (triggeringEvent?.submitter ?? elt).dataset;
  const said = done ?? elt.dataset.done;
  if (said && detail.successful && detail.xhr.getResponseHeader("X-Save") !== "refused") say(said);
});

// A page that the browser had put aside may be another person's by now.
addEventListener("pageshow", ({ persisted }) => {
  if (persisted) location.reload();
});
