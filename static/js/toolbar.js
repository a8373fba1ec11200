// The page one writes on: what is around the text, and how it steps back.
import { isTaken } from "./composition.js";
import { press, put } from "./markdown-editing.js";

const PAUSE = 500; // ms after the last key, then the count and the preview follow
const SLICE = 2; // ms of counting at a time
const TOOLS = [
  ["**", "B", "Bold"], ["*", "I", "Italic"], ["# ", "H", "Heading"], ["- ", "•", "List"],
  ["- [ ] ", "☑", "Task"], ["> ", "”", "Quote"], ["[", "↗", "Link"], ["`", "<>", "Code"],
  ["shown", "Preview"], ["calm", "Focus"], ["blur", "Blur"],
];
const COMMA = /[,，､、،]/;
// As the server counts them: letters where words have no spaces, else words; `don't` and `3.14` are one.
const ALONE = "(?:(?=\\p{L})[\\p{sc=Han}\\p{sc=Hira}\\p{sc=Kana}ー\\p{sc=Bopo}\\p{sc=Thai}\\p{sc=Laoo}\\p{sc=Mymr}\\p{sc=Khmr}])";
const PART = `(?:(?!${ALONE})[\\p{L}\\p{N}][\\p{M}\\p{Cf}]*)+`;
const WORD = new RegExp(`https?://\\S+|${ALONE}|${PART}(?:(?:['’·׳״‐‑\\-]|(?<=\\d)[.,](?=\\d))${PART})*`, "giu");

const form = document.querySelector("#editor");
const [preview, known, tools] = ["#preview", "#known", "#tools"].map((id) => document.querySelector(id));
const idle = window.requestIdleCallback ?? setTimeout;
const { body: area, tags, mood } = form.elements;
const details = mood[0].closest("details");

// Words, counted while nothing else is to do

let text = "";
let words = 0;
let isCounting = false;
let due = 0;

function count() {
  const end = performance.now() + SLICE;
  while (WORD.test(text)) {
    words += 1;
    if (words % 100 === 0 && performance.now() > end) return idle(count);
  }
  isCounting = false;
  document.querySelector("#count").textContent = words ? `${words.toLocaleString("en")} word${words > 1 ? "s" : ""}` : "";
}

// The writer rests: a good moment for what takes time.
function rest() {
  if (!preview.hidden) htmx.trigger(preview, "follow");
  text = area.value;
  words = WORD.lastIndex = 0;
  if (!isCounting) isCounting = idle(count);
}

// Modes, remembered on this device where it lets us
const device = (() => {
  try {
    return localStorage ?? {};
  } catch {
    return {};
  }
})();

const modes = {
  calm: (isOn) => {
    document.documentElement.toggleAttribute("data-calm", isOn);
    area.focus();
  },
  shown: (isOn) => {
    preview.hidden = !isOn;
    rest();
  },
};

function turn(mode, isOn) {
  device[mode] = isOn ? "on" : "";
  modes[mode](isOn);
  tools.querySelector(`[value=${mode}]`).setAttribute("aria-pressed", isOn);
}

// What only helps and fails is no news: it shows what was a moment ago.
for (const part of [preview, known]) {
  part.addEventListener("htmx:beforeSwap", ({ detail }) => { detail.shouldSwap = /200|422/.test(detail.xhr.status); });
  for (const sign of ["configRequest", "beforeSwap", "afterRequest", "sendError", "timeout"]) {
    part.addEventListener(`htmx:${sign}`, (event) => event.stopPropagation());
  }
}

// A chosen tag takes the place of the one that was begun.
function complete({ target }) {
  const begun = tags.value.split(COMMA).pop();
  const to = tags.value.length;
  if (target !== known) put(tags, to - begun.trimStart().length, to, `${target.textContent}, `);
}

// Hands and keys

area.addEventListener("input", () => {
  clearTimeout(due);
  due = setTimeout(rest, PAUSE);
});
known.addEventListener("click", complete);
addEventListener("pagehide", () => preview.replaceChildren()); // who comes back may be somebody else
tools.addEventListener("mousedown", (event) => event.preventDefault()); // the text keeps its caret
form.addEventListener("click", (event) => {
  const pressed = event.target.closest("#more, #tools button");
  if (!pressed) return;
  const { id, value } = pressed;
  if (id) pressed.setAttribute("aria-expanded", tools.classList.toggle("open"));
  else if (value in modes) turn(value, pressed.getAttribute("aria-pressed") !== "true");
  else if (value !== "blur") press(value);
});
document.addEventListener("keydown", (event) => {
  const { key, target, altKey } = event;
  const isCalm = device.calm === "on";
  if (isTaken(event) || event.ctrlKey || event.metaKey || document.querySelector("dialog[open]")) return;
  if (altKey && event.code.startsWith("Numpad")) return; // a letter by its number, as Windows has it
  if (key === "Enter" && target.name === "title") area.focus();
  // Only where it is seen: Alt+digit also switches the tabs of a browser on Linux.
  else if (/^[0-5]$/.test(key) && altKey !== (target.name === "mood") && details.open && details.offsetHeight) mood[key].click();
  else if (key === "F2" || (key === "Escape" && isCalm)) turn("calm", !isCalm);
  else return;
  event.preventDefault();
});

// A field is one block that no page of paper can break, so a copy of the text is printed in its place.
addEventListener("beforeprint", () => {
  const printed = document.createElement("pre");
  printed.textContent = area.value;
  area.before(printed);
  addEventListener("afterprint", () => printed.remove(), { once: true });
});

for (const [value, textContent, title = textContent] of TOOLS) {
  const button = Object.assign(document.createElement("button"), { type: "button", value, textContent, title });
  button.setAttribute("aria-label", title);
  if (value in modes) button.setAttribute("aria-pressed", false);
  tools.append(button);
}
for (const mode in modes) if (device[mode] === "on" && (mode === "calm" || innerWidth >= 1024)) turn(mode, true);
due = setTimeout(rest, PAUSE); // htmx is not ready yet
