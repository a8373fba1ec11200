// Markdown editing: formats the selection by key or button, continues lists, makes links of pasted addresses.
// Changes go through execCommand, so the browser can undo them and fires `input`.
import { endComposition, isImeKey } from "./composition.js";

const KEYS = { b: "**", i: "*", e: "`", k: "[", 7: "# ", 8: "- ", 9: "> " };
const ITEM = /^([\s>]*)((?:[-*+]|\d+[.)]) +(?:\[[ x]\] +)?|)/i;
const RULE = /^\s*([-*])(\s*\1){2,}\s*$/;
const NUMBER = /^[\s>]*(0|[1-9]\d?\d?)[.)] (?! *\d\d?\.)/gm;
const FENCE = /^\s*(```|~~~)/gm;
const ADDRESS = /^https?:\/\/\S+$/i;

const area = document.querySelector("#body");
const isMac = /Mac|iP/.test(navigator.platform);
let isPlain = false; // whether the last key had no Shift and was not used by an input method
let coming = ""; // marker with which the next line begins

// Replaces the text from `from` to `to`, then selects from `first` to `last`.
export function replace(field, from, to, text, first = from + text.length, last = first) {
  endComposition(field);
  field.focus();
  field.setSelectionRange(from, to);
  if (text || from < to) document.execCommand(text ? "insertText" : "delete", false, text);
  field.setSelectionRange(first, last);
}

// The selection, and the whole lines that it touches.
function selection() {
  const { selectionStart: start, selectionEnd: end, value } = area;
  const from = value.slice(0, start).lastIndexOf("\n") + 1;
  const to = `${value}\n`.indexOf("\n", end);
  return { start, end, value, words: value.slice(start, end), from, to, text: value.slice(from, to) };
}

// Adds or removes a mark: around the selection, or before each line if the mark ends with a space; [ makes a link.
export function format(mark) {
  if (mark === "[") link("");
  else if (mark.endsWith(" ")) prefix(mark);
  else wrap(mark);
}

// Wraps each line by itself, without spaces and punctuation at its ends, where Markdown would ignore the mark.
function wrap(mark) {
  const { start, end, value, words } = selection();
  const size = mark.length;
  const inner = mark === "`" ? /\S(?:.*\S)?/g : /[^\s\p{P}](?:.*[^\s\p{P}])?/gu;
  const first = inner.exec(words)?.[0] ?? "";
  const from = start + words.indexOf(first);
  const to = from + first.length;
  let run = 0; // length of the run of marks: three asterisks are both bold and italic
  while (value[from - run - 1] === mark[0] && value[to + run] === mark[0]) run += 1;
  if (size > 1 ? run > 1 : run % 2) replace(area, from - size, to + size, first, from - size, to - size);
  else if (start === end && value.startsWith(mark, end)) area.setSelectionRange(end + size, end + size);
  else replace(area, start, end, words.replace(inner, `${mark}$&${mark}`) || mark + mark, from + size, to + size);
}

function prefix(mark) {
  const { start, end, from, to, text } = selection();
  const old = mark === "> " ? /^()(> ?|)/ : /^(\s*)(#{1,6} +|(?:[-*+]|\d+[.)]) +(?:\[[ x]\] +)?|)/i;
  const all = text.split("\n");
  const isLeft = (line) => all[1] != null && !line.trim();
  const has = all.every((line) => isLeft(line) || old.exec(line)[2].replace("x", " ") === mark);
  const made = all.map((line) => (isLeft(line) ? line : line.replace(old, has ? "$1" : `$1${mark}`))).join("\n");
  const moved = (caret) => Math.max(from, caret + made.length - text.length);
  replace(area, from, to, made, all[1] == null ? moved(start) : from, moved(end));
}

function link(address) {
  const { start, end, words } = selection();
  if (ADDRESS.test(words)) return replace(area, start, end, `[](${words})`, start + 1);
  const made = `[${words.replace(/[[\]]/g, "\\$&")}](${address.replaceAll("(", "%28").replaceAll(")", "%29")})`;
  replace(area, start, end, made, start + made.length - !address);
}

// Continues a list or a quote in the next line, or ends it after an empty item. Returns whether it has replaced Enter.
function continueList() {
  const { start, end, from, to, text, value } = selection();
  const [mark, before, item] = ITEM.exec(text);
  // A number begins a list item, and not a sentence such as "24. December", if this block has a 0 or 1, or two
  // consecutive numbers. The server applies the same rule.
  const numbers = [...value.slice(0, to).split(/\n\s*\n(?=[^\s\d>])/).pop().matchAll(NUMBER)];
  if (+item[0] && !numbers.some(([, number], at) => number < 2 || number - numbers[at - 1]?.[1] === 1)) return false;
  if (start !== end || !mark.trim() || RULE.test(text) || start < from + mark.length) return false;
  if (value.slice(0, from).match(FENCE)?.length % 2) return false; // inside a code block
  const next = item.replace(/\d+/, (number) => +number + 1).replace(/\[.\]/, "[ ]");
  if (text !== mark) coming = before + next; // the browser inserts the line break first
  else replace(area, from, start, "");
  return !coming;
}

area.addEventListener("keydown", (event) => {
  const { key, code, shiftKey, altKey, ctrlKey, metaKey } = event;
  isPlain = !shiftKey && !isImeKey(event);
  // On a keyboard without Latin letters, the key at the same place.
  const name = /^[a-z]$/i.test(key) ? key.toLowerCase() : code.replace(/Key|Digit/, "").toLowerCase();
  if (altKey || isImeKey(event) || !(isMac ? metaKey : ctrlKey) || !KEYS[name] || shiftKey !== name < "a") return;
  event.preventDefault();
  format(KEYS[name]);
});
// Enter is handled here and not in keydown: an Enter that an input method uses inserts no line break.
area.addEventListener("beforeinput", (event) => {
  coming = "";
  if (isPlain && event.inputType === "insertLineBreak" && continueList()) event.preventDefault();
});
area.addEventListener("input", () => {
  const text = coming;
  coming = ""; // replace() fires `input` as well
  if (text) replace(area, area.selectionEnd, area.selectionEnd, text);
});
area.addEventListener("paste", (event) => {
  const address = event.clipboardData.getData("text").trim();
  const { words } = selection();
  if (!ADDRESS.test(address) || !words.trim() || words.includes("\n") || ADDRESS.test(words)) return;
  event.preventDefault();
  link(address);
});
