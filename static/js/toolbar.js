// Toolbar: formatting buttons, word count, preview, tag suggestions, moods by key, and the modes of the editor.
import { isImeKey } from "./composition.js";
import { format, replace } from "./markdown-editing.js";

const PAUSE = 500; // ms after the last key, then the word count and the preview are updated
const SLICE = 2; // ms of counting without a break
const TOOLS = [
  ["**", "B", "Bold"], ["*", "I", "Italic"], ["# ", "H", "Heading"], ["- ", "•", "List"],
  ["- [ ] ", "☑", "Task"], ["> ", "”", "Quote"], ["[", "↗", "Link"], ["`", "<>", "Code"],
  ["shown", "Preview"], ["calm", "Focus"], ["blur", "Blur"],
];
const COMMA = /[,，､、،]/;
// Counts words as journal/text does: each letter of scripts without spaces, else words; `don't` and `3.14` are one.
const ALONE = "(?:(?=\\p{L})[\\p{sc=Han}\\p{sc=Hira}\\p{sc=Kana}ー\\p{sc=Bopo}\\p{sc=Thai}\\p{sc=Laoo}\\p{sc=Mymr}\\p{sc=Khmr}])";
const PART = `(?:(?!${ALONE})[\\p{L}\\p{N}][\\p{M}\\p{Cf}]*)+`;
const WORD = new RegExp(`https?://\\S+|${ALONE}|${PART}(?:(?:['’·׳״‐‑\\-]|(?<=\\d)[.,](?=\\d))${PART})*`, "giu");

const form = document.querySelector("#editor");
const [preview, known, tools] = ["#preview", "#known", "#tools"].map((id) => document.querySelector(id));
const idle = window.requestIdleCallback ?? setTimeout;
const { body: area, tags, mood } = form.elements;
const details = mood[0].closest("details");

// Word count, while the browser is idle

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

function update() {
  if (!preview.hidden) htmx.trigger(preview, "follow");
  text = area.value;
  words = WORD.lastIndex = 0;
  if (!isCounting) isCounting = idle(count);
}

// Modes, stored in localStorage if the browser allows it

let storage = {};
try {
  storage = localStorage ?? storage;
} catch {} // not allowed

const modes = {
  calm: (isOn) => {
    document.documentElement.toggleAttribute("data-calm", isOn);
    area.focus();
  },
  shown: (isOn) => {
    preview.hidden = !isOn;
    update();
  },
};

function setMode(mode, isOn) {
  storage[mode] = isOn ? "on" : "";
  modes[mode](isOn);
  tools.querySelector(`[value=${mode}]`).setAttribute("aria-pressed", isOn);
}

// Preview and suggestions stay as they were if a request fails; the writer is not told.
for (const part of [preview, known]) {
  part.addEventListener("htmx:beforeSwap", ({ detail }) => { detail.shouldSwap = /200|422/.test(detail.xhr.status); });
  for (const sign of ["configRequest", "beforeSwap", "afterRequest", "sendError", "timeout"]) {
    part.addEventListener(`htmx:${sign}`, (event) => event.stopPropagation());
  }
}

// Replaces the tag that is being typed by the suggestion.
function complete({ target }) {
  const begun = tags.value.split(COMMA).pop();
  const to = tags.value.length;
  if (target !== known) replace(tags, to - begun.trimStart().length, to, `${target.textContent}, `);
}

// Buttons and keys

area.addEventListener("input", () => {
  clearTimeout(due);
  due = setTimeout(update, PAUSE);
});
known.addEventListener("click", complete);
addEventListener("pagehide", () => preview.replaceChildren()); // the next person to see the page may be somebody else
tools.addEventListener("mousedown", (event) => event.preventDefault()); // keeps the focus in the text
form.addEventListener("click", (event) => {
  const pressed = event.target.closest("#more, #tools button");
  if (!pressed) return;
  const { id, value } = pressed;
  if (id) pressed.setAttribute("aria-expanded", tools.classList.toggle("open"));
  else if (value in modes) setMode(value, pressed.getAttribute("aria-pressed") !== "true");
  else if (value !== "blur") format(value);
});
document.addEventListener("keydown", (event) => {
  const { key, target, altKey } = event;
  const isCalm = storage.calm === "on";
  if (isImeKey(event) || event.ctrlKey || event.metaKey || document.querySelector("dialog[open]")) return;
  if (altKey && event.code.startsWith("Numpad")) return; // Windows: types a character by its code
  if (key === "Enter" && target.name === "title") area.focus();
  // Alt+digit sets the mood only while the moods are visible: on Linux it also switches browser tabs.
  else if (/^[0-5]$/.test(key) && altKey !== (target.name === "mood") && details.open && details.offsetHeight) mood[key].click();
  else if (key === "F2" || (key === "Escape" && isCalm)) setMode("calm", !isCalm);
  else return;
  event.preventDefault();
});

// A textarea can't break across printed pages, so a copy of its text is printed instead.
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
for (const mode in modes) if (storage[mode] === "on" && (mode === "calm" || innerWidth >= 1024)) setMode(mode, true);
due = setTimeout(update, PAUSE); // later, since htmx is not ready yet
