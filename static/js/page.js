// Script of every page, also the editor: shortcuts, sign-in dialog, unsent drafts, time zones, errors, service worker.
import "./shortcuts.js";
import "./sign-in.js";

// Loads unsent-drafts.js only if there may be drafts; always, if the browser can't list its databases.
async function findUnsent() {
  const stores = await indexedDB.databases?.();
  if (!stores || stores.length || document.cookie.includes("unsent")) await import("./unsent-drafts.js");
}

if (document.body.dataset.owner) findUnsent().catch(() => {}); // no IndexedDB, so there are no drafts

const OUT_OF_REACH = "The server is not answering. Nothing is lost; please try again in a moment.";

// Makes wide tables focusable, so that keys can scroll them.
const sizes = new ResizeObserver((seen) => {
  for (const { target } of seen) if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
});

// Runs for the page, and for each fragment that htmx inserts.
function setUp(root) {
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone || "";
  for (const field of root.querySelectorAll("[data-zone]")) field.value ||= here;
  for (const button of root.querySelectorAll("[data-zone-for]")) offerZone(button, here);
  for (const box of root.querySelectorAll(".prose table")) sizes.observe(box);
}

function offerZone(button, zone) {
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
    if (detail.elt.id === "editor") return; // its status line shows this
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

navigator.serviceWorker?.register("/service-worker.js").catch(() => {}); // plain http has no service workers

document.addEventListener("htmx:load", ({ target }) => {
  if (target !== document.body) setUp(target);
});
setUp(document.body);
