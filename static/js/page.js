// What every page does, the editor too; each behaviour finds its own elements and does nothing without them.
import "./shortcuts.js";
import "./sign-in.js";

// Loads unsent-drafts.js only where something may have been kept; where a browser can't list its databases, always.
async function findUnsent() {
  const stores = await indexedDB.databases?.();
  if (!stores || stores.length || document.cookie.includes("unsent")) await import("./unsent-drafts.js");
}

if (document.body.dataset.owner) findUnsent().catch(() => {}); // no such storage, so nothing was kept

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

for (const failure of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(failure, ({ detail }) => {
    if (detail.elt.id === "editor") return; // it has a line of its own for this
    const line = document.createElement("p");
    line.className = "notice trouble";
    line.setAttribute("role", "alert");
    line.textContent = OUT_OF_REACH;
    document.querySelector("#notice").replaceChildren(line);
  });
}

document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.successful) document.querySelector("#notice .trouble")?.remove();
});

navigator.serviceWorker?.register("/service-worker.js").catch(() => {}); // not on a plain line

document.addEventListener("htmx:load", ({ target }) => {
  if (target !== document.body) found(target);
});
found(document.body);
