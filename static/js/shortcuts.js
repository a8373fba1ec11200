// Keys that lead about on every page: each presses what bears it, as in data-hotkey="g t".
// And text that hides itself from whoever looks over a shoulder.
import { isTaken } from "./composition.js";

const IDLE = 300_000; // ms
const LATE = 1500; // ms between the two letters of g t
const FOCUSED = "article:focus-within h2 a";
const root = document.documentElement;
const find = (selector) => document.querySelector(selector);

let led = -LATE; // when g was pressed
let touched = 0;

// What is not there yet, since no page comes with it or a visit has changed the body.
function made(tag, id, properties) {
  return find(`#${id}`) ?? document.body.appendChild(Object.assign(document.createElement(tag), { id, ...properties }));
}

function conceal(isOn) {
  root.toggleAttribute("data-concealed", isOn);
  made("button", "reveal", { className: "primary", textContent: "Show the text" });
}

// To the next entry of a list, or from the one that is shown.
function step(by) {
  const titles = [...document.querySelectorAll("article h2 a")];
  const at = titles.indexOf(find(FOCUSED));
  (titles.length ? titles[Math.max(at + by, 0)] : find(by > 0 ? "[rel=next]" : "[rel=prev]")?.click())?.focus();
}

async function help() {
  const dialog = made("dialog", "keys");
  dialog.setAttribute("aria-label", "Keys");
  await htmx.ajax("GET", "/keys", dialog);
  if (dialog.children.length) dialog.showModal();
}

function lead(key) {
  if (!/[a-z/?]/.test(key)) return false;
  const name = performance.now() - led < LATE ? `g ${key}` : key;
  led = key === "g" ? performance.now() : -LATE;
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
  if (isTaken(event) || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.defaultPrevented || find("dialog[open]")) return;
  const isField = target.matches("input:not([type=radio]), textarea, select");
  if (key === "F8") conceal();
  else if (isField ? key !== "Escape" : root.dataset.keys === "off" || !lead(key)) return;
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
