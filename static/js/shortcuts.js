// Keyboard shortcuts on every page: a key activates the element with that data-hotkey, for example "g t".
// Also blurs the text, by F8 or when nobody has touched the page for a while.
import { isImeKey } from "./composition.js";

const IDLE = 300_000; // ms without a key or a touch, then the text is blurred
const LATE = 1500; // ms between the two letters of g t
const FOCUSED = "article:focus-within h2 a";
const root = document.documentElement;
const find = (selector) => document.querySelector(selector);

let prefixed = -LATE; // time of the last g
let touched = 0; // time of the last key or touch

// Finds the element or creates it; a boosted visit may have removed it with the old body.
function ensure(tag, id, properties) {
  return find(`#${id}`) ?? document.body.appendChild(Object.assign(document.createElement(tag), { id, ...properties }));
}

function conceal(isOn) {
  root.toggleAttribute("data-concealed", isOn);
  ensure("button", "reveal", { className: "primary", textContent: "Show the text" });
}

// Focuses the next or previous entry of a list; on the page of an entry, follows its link.
function step(by) {
  const titles = [...document.querySelectorAll("article h2 a")];
  const at = titles.indexOf(find(FOCUSED));
  (titles.length ? titles[Math.max(at + by, 0)] : find(by > 0 ? "[rel=next]" : "[rel=prev]")?.click())?.focus();
}

async function help() {
  const dialog = ensure("dialog", "keys");
  dialog.setAttribute("aria-label", "Keys");
  await htmx.ajax("GET", "/keys", dialog);
  if (dialog.children.length) dialog.showModal();
}

function press(key) {
  if (!/[a-z/?]/.test(key)) return false;
  const name = performance.now() - prefixed < LATE ? `g ${key}` : key;
  prefixed = key === "g" ? performance.now() : -LATE;
  const goal = (key === "/" && find("[name=q]")) || find(`[data-hotkey="${name}"]`);
  if (key === "?") help();
  else if (key === "j" || key === "k") step(key === "j" ? 1 : -1);
  else if (key === "e" && find(FOCUSED)) location.assign(`${find(FOCUSED).href}/edit`);
  else if (goal) goal.value === undefined ? goal.click() : goal.focus();
  else return false;
  return true;
}

document.addEventListener("keydown", (event) => {
  const { key, target } = event;
  if (isImeKey(event) || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.defaultPrevented || find("dialog[open]")) return;
  const isField = target.matches("input:not([type=radio]), textarea, select");
  if (key === "F8") conceal();
  else if (isField ? key !== "Escape" : root.dataset.keys === "off" || !press(key)) return;
  else if (isField) target.blur();
  event.preventDefault();
});
document.addEventListener("click", ({ target }) => { if (target.closest("#reveal, [value=blur]")) conceal(); });
for (const sign of ["keydown", "pointermove", "pointerdown"]) {
  addEventListener(sign, () => { touched = performance.now(); }, true);
}
if ("conceal" in root.dataset) {
  setInterval(() => { if (performance.now() - touched > IDLE) conceal(true); }, 10_000);
}
