// Back to a list: to the link that led away from it, also where the list had grown meanwhile.
const PAGES = 25; // that are fetched for it at most

let left = null; // which link, of those to the same place, and how far from the top of the window

function links(href) {
  return [...document.querySelectorAll("#main a")].filter((one) => one.getAttribute("href") === href);
}

function keep() {
  if (left) history.replaceState({ ...history.state, left }, "");
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("#main a[href^='/']");
  if (!link || link.closest(".pager") || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const href = link.getAttribute("href");
  left = { href, nth: links(href).indexOf(link), top: link.getBoundingClientRect().top };
  keep();
}, true);

// htmx has just written its own state over it.
document.addEventListener("htmx:beforeHistoryUpdate", () => {
  keep();
  left = null;
});

// As htmx does it, which would forget the link first.
addEventListener("popstate", (event) => {
  if (!event.state?.left) return;
  event.stopImmediatePropagation();
  location.reload();
}, true);

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

async function comeBack({ href, nth, top }) {
  history.replaceState({ ...history.state, left: undefined }, "");
  history.scrollRestoration = "manual";
  const link = await find(href, nth);
  link?.focus({ preventScroll: true });
  if (link) scrollBy(0, link.getBoundingClientRect().top - top);
}

// A page that one comes back to is asked for anew.
if (history.state?.left) addEventListener("load", () => comeBack(history.state.left));
