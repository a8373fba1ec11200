// Scroll restoration: Back leads to the link that was followed, even if scrolling had loaded more of the list.
const PAGES = 25; // to load at most until the link is found

let left = null; // the link: its address, its position among links to that address, and its distance from the top

function links(href) {
  return [...document.querySelectorAll("#main a")].filter((one) => one.getAttribute("href") === href);
}

function store() {
  if (left) history.replaceState({ ...history.state, left }, "");
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("#main a[href^='/']");
  if (!link || link.closest(".pager") || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const href = link.getAttribute("href");
  left = { href, nth: links(href).indexOf(link), top: link.getBoundingClientRect().top };
  store();
}, true);

// htmx has just overwritten the history state.
document.addEventListener("htmx:beforeHistoryUpdate", () => {
  store();
  left = null;
});

// Reloads before htmx does, which would overwrite the history state.
addEventListener("popstate", (event) => {
  if (!event.state?.left) return;
  event.stopImmediatePropagation();
  location.reload();
}, true);

// Loads further pages of the list until the link is there.
async function find(href, nth) {
  for (let pages = 0; pages < PAGES; pages += 1) {
    const link = links(href)[nth];
    const more = document.querySelector(".pager[hx-get]");
    if (link || !more) return link;
    const settled = new Promise((resolve) => { document.addEventListener("htmx:afterSettle", resolve, { once: true }); });
    htmx.trigger(more, "revealed");
    await settled;
  }
}

async function restore({ href, nth, top }) {
  history.replaceState({ ...history.state, left: undefined }, "");
  history.scrollRestoration = "manual";
  const link = await find(href, nth);
  link?.focus({ preventScroll: true });
  if (link) scrollBy(0, link.getBoundingClientRect().top - top);
}

if (history.state?.left) addEventListener("load", () => restore(history.state.left));
