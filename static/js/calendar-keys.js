// Calendar keys: arrows move from day to day if a day has the focus, else to the previous or next page.
let wanted = ""; // the day to focus on the page that is being loaded

const STEPS = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };

function follow(rel) {
  document.querySelector(`[data-walk] [rel="${rel}"]`)?.click();
}

function dayOf(link) {
  return link?.closest("[data-days]") && link.pathname.match(/^\/days\/(\d{4}-\d{2}-\d{2})$/)?.[1];
}

function plusDays(day, days) {
  const date = new Date(`${day}T00:00Z`);
  date.setUTCDate(date.getUTCDate() + days);
  return date.toISOString().slice(0, 10);
}

// The same day of the previous or next month, or year if the page shows one; at most its last day.
function plusPages(day, way) {
  const [year, month, number] = day.split("-").map(Number);
  const months = /^\/calendar\/\d+$/.test(location.pathname) ? 12 * way : way;
  const last = new Date(`${day}T00:00Z`);
  last.setUTCFullYear(year, month + months, 0);
  last.setUTCDate(Math.min(number, last.getUTCDate()));
  return last.toISOString().slice(0, 10);
}

function focus(day) {
  const link = document.querySelector(`[data-days] a[href="/days/${day}"]`);
  link?.focus();
  return Boolean(link);
}

document.addEventListener("keydown", (event) => {
  const { key, target } = event;
  if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey || event.isComposing) return;
  if (event.defaultPrevented || target.closest("input, textarea, select, [contenteditable], pre, table[tabindex]")) return;
  const day = dayOf(target), step = STEPS[key];
  const way = { PageUp: -1, PageDown: 1 }[key];
  if (way && day) {
    wanted = plusPages(day, way);
    follow(way < 0 ? "prev" : "next");
  } else if (!step || (!day && Math.abs(step) > 1)) return;
  else if (!day) follow(step < 0 ? "prev" : "next");
  else if (!focus(plusDays(day, step))) {
    wanted = plusDays(day, step);
    follow(step < 0 ? "prev" : "next");
  }
  event.preventDefault();
});

document.addEventListener("htmx:afterSettle", () => {
  if (wanted) focus(wanted);
  wanted = "";
});
