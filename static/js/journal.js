// What every page does; each behaviour finds its own elements and does nothing without them.
import "./keys.js";
import "./search.js";
import "./quick.js";
import "./sign-in.js";
import "./returning.js";
import { say } from "./speaking.js";
import "./walking.js";

// Only where somebody has written; where a browser has no such storage, nothing was kept.
if (document.body.dataset.owner) {
  indexedDB.databases().then((found) => found.length && import("./leftovers.js")).catch(() => {});
}

const OUT_OF_REACH = "The server is not answering. Nothing is lost; please try again in a moment.";

// Keys can scroll what has no room, also once it is shown or its column is narrower.
const sizes = new ResizeObserver((seen) => {
  for (const { target } of seen) if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
});

// Runs once for what the page holds and for all that htmx puts into it.
function found(root) {
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone || "";
  for (const field of root.querySelectorAll("[data-zone]")) field.value ||= here;
  for (const button of root.querySelectorAll("[data-zone-for]")) offer(button, here);
  for (const box of root.querySelectorAll(".prose table")) sizes.observe(box);
}

function offer(button, zone) {
  const field = document.getElementById(button.dataset.zoneFor);
  button.textContent = `Use this browser’s: ${zone}`;
  button.hidden = !zone || field.value === zone;
  button.addEventListener("click", () => {
    field.value = zone;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.focus();
    button.hidden = true;
  });
}

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

for (const failure of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(failure, ({ detail }) => {
    if (detail.elt.id === "editor") return; // it has a line of its own for this
    const line = document.createElement("p");
    line.className = "notice trouble";
    line.role = "alert";
    line.textContent = OUT_OF_REACH;
    document.querySelector("#notice").replaceChildren(line);
  });
}

document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.successful) document.querySelector("#notice .trouble")?.remove();
});

// A page that the browser had put aside may be another person's by now.
addEventListener("pageshow", ({ persisted }) => {
  if (persisted && !document.querySelector("#editor")) location.reload();
});

navigator.serviceWorker?.register("/service-worker.js").catch(() => {}); // not on a plain line

found(document.body);
document.addEventListener("htmx:load", ({ target }) => {
  if (target !== document.body) found(target);
});
