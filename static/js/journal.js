// Entry script of all pages but the editor: boosted navigation, announcements, and the modules below.
import "./search.js";
import "./form-drafts.js";
import "./imports.js";
import "./quick-entry.js";
import "./scroll-restore.js";
import { say } from "./announce.js";
import "./calendar-keys.js";

// After an upgrade the new page does not fit the scripts and styles that are loaded, so it is loaded in full.
function isOutdated(html) {
  return !html.includes(new URL(import.meta.url).pathname);
}

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (!detail.boosted || !isOutdated(detail.xhr.responseText)) return;
  detail.shouldSwap = false;
  location.assign(detail.xhr.responseURL);
});

// After a boosted visit: moves the focus to the content and announces the title, as a page load does.
document.addEventListener("htmx:afterSettle", ({ detail, target }) => {
  if (!detail.boosted || target !== document.body) return;
  const main = document.querySelector("#main");
  if (!main.contains(document.activeElement)) main.focus({ preventScroll: true });
  say([document.title, document.querySelector("#notice").textContent.trim()].join(". "));
});

// Announces what a button has done to a part of the page (data-done).
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  const { elt, triggeringEvent } = detail.requestConfig;
  const { done } = (triggeringEvent?.submitter ?? elt).dataset;
  const said = done ?? elt.dataset.done;
  if (said && detail.successful && detail.xhr.getResponseHeader("X-Save") !== "refused") say(said);
});

// A page from the back/forward cache may belong to another person by now.
addEventListener("pageshow", ({ persisted }) => {
  if (persisted) location.reload();
});
