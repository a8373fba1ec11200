// Arrow keys in the calendar: from day to day where one has the focus, else to the page before and after.
let wanted = ""; // the day to go on from, on the page that is being fetched

const STEPS = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };

function turn(way) {
  document.querySelector(`[data-walk] [rel="${way}"]`)?.click();
}

function dayOf(link) {
  return link?.closest("[data-days]") && link.pathname.match(/^\/days\/(\d{4}-\d{2}-\d{2})$/)?.[1];
}

function stepped(day, days) {
  const date = new Date(`${day}T00:00Z`);
  date.setUTCDate(date.getUTCDate() + days);
  return date.toISOString().slice(0, 10);
}

// The same day of the month before or after, or of the year where a page shows one; else the last one there is.
function paged(day, way) {
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
    wanted = paged(day, way);
    turn(way < 0 ? "prev" : "next");
  } else if (!step || (!day && Math.abs(step) > 1)) return;
  else if (!day) turn(step < 0 ? "prev" : "next");
  else if (!focus(stepped(day, step))) {
    wanted = stepped(day, step);
    turn(step < 0 ? "prev" : "next");
  }
  event.preventDefault();
});

document.addEventListener("htmx:afterSettle", () => {
  if (wanted) focus(wanted);
  wanted = "";
});
