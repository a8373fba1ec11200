// Markdown by key and by button. Each change is one that the browser can undo, and fires `input`.
import { isTaken, settle } from "./composition.js";

const KEYS = { b: "**", i: "*", e: "`", k: "[", 7: "# ", 8: "- ", 9: "> " };
const ITEM = /^([\s>]*)((?:[-*+]|\d+[.)]) +(?:\[[ x]\] +)?|)/i;
const RULE = /^\s*([-*])(\s*\1){2,}\s*$/;
const NUMBER = /^[\s>]*(0|[1-9]\d?\d?)[.)] (?! *\d\d?\.)/gm;
const FENCE = /^\s*(```|~~~)/gm;
const ADDRESS = /^https?:\/\/\S+$/i;

const area = document.querySelector("#body");
const isMac = /Mac|iP/.test(navigator.platform);
let isPlain = false; // the last key, which may be an Enter
let coming = ""; // what begins the next line

export function put(field, from, to, text, first = from + text.length, last = first) {
  settle(field);
  field.focus();
  field.setSelectionRange(from, to);
  if (text || from < to) document.execCommand(text ? "insertText" : "delete", false, text);
  field.setSelectionRange(first, last);
}

// The selection, and the lines that it touches.
function picked() {
  const { selectionStart: start, selectionEnd: end, value } = area;
  const from = value.slice(0, start).lastIndexOf("\n") + 1;
  const to = `${value}\n`.indexOf("\n", end);
  return { start, end, value, words: value.slice(start, end), from, to, text: value.slice(from, to) };
}

// `mark` goes around the selection, or with a space before each of its lines; [ makes a link.
export function press(mark) {
  if (mark === "[") link("");
  else if (mark.endsWith(" ")) lead(mark);
  else around(mark);
}

// Line by line and not around spaces and punctuation, where a mark would stay a mere asterisk.
function around(mark) {
  const { start, end, value, words } = picked();
  const size = mark.length;
  const inner = mark === "`" ? /\S(?:.*\S)?/g : /[^\s\p{P}](?:.*[^\s\p{P}])?/gu;
  const first = inner.exec(words)?.[0] ?? "";
  const from = start + words.indexOf(first);
  const to = from + first.length;
  let run = 0; // three asterisks are both bold and italic
  while (value[from - run - 1] === mark[0] && value[to + run] === mark[0]) run += 1;
  if (size > 1 ? run > 1 : run % 2) put(area, from - size, to + size, first, from - size, to - size);
  else if (start === end && value.startsWith(mark, end)) area.setSelectionRange(end + size, end + size);
  else put(area, start, end, words.replace(inner, `${mark}$&${mark}`) || mark + mark, from + size, to + size);
}

function lead(mark) {
  const { start, end, from, to, text } = picked();
  const old = mark === "> " ? /^()(> ?|)/ : /^(\s*)(#{1,6} +|(?:[-*+]|\d+[.)]) +(?:\[[ x]\] +)?|)/i;
  const all = text.split("\n");
  const isLeft = (line) => all[1] != null && !line.trim();
  const has = all.every((line) => isLeft(line) || old.exec(line)[2].replace("x", " ") === mark);
  const made = all.map((line) => (isLeft(line) ? line : line.replace(old, has ? "$1" : `$1${mark}`))).join("\n");
  const moved = (caret) => Math.max(from, caret + made.length - text.length);
  put(area, from, to, made, all[1] == null ? moved(start) : from, moved(end));
}

function link(address) {
  const { start, end, words } = picked();
  if (ADDRESS.test(words)) return put(area, start, end, `[](${words})`, start + 1);
  const made = `[${words.replace(/[[\]]/g, "\\$&")}](${address.replaceAll("(", "%28").replaceAll(")", "%29")})`;
  put(area, start, end, made, start + made.length - !address);
}

// A list or a quote goes on in the next line; in an empty item it ends.
function goOn() {
  const { start, end, from, to, text, value } = picked();
  const [mark, before, item] = ITEM.exec(text);
  // Numbers are a list's, as on the page, if there is a 0 or 1 or two in a row; the first letter of prose ends it.
  const numbers = [...value.slice(0, to).split(/\n\s*\n(?=[^\s\d>])/).pop().matchAll(NUMBER)];
  if (+item[0] && !numbers.some(([, number], at) => number < 2 || number - numbers[at - 1]?.[1] === 1)) return false;
  if (start !== end || !mark.trim() || RULE.test(text) || start < from + mark.length) return false;
  if (value.slice(0, from).match(FENCE)?.length % 2) return false; // code
  const next = item.replace(/\d+/, (number) => +number + 1).replace(/\[.\]/, "[ ]");
  if (text !== mark) coming = before + next; // after the line break, which is the browser's
  else put(area, from, start, "");
  return !coming;
}

area.addEventListener("keydown", (event) => {
  const { key, code, shiftKey, altKey, ctrlKey, metaKey } = event;
  isPlain = !shiftKey && !isTaken(event);
  // Where the keyboard has other letters, the key that bears this one.
  const name = /^[a-z]$/i.test(key) ? key.toLowerCase() : code.replace(/Key|Digit/, "").toLowerCase();
  if (altKey || isTaken(event) || !(isMac ? metaKey : ctrlKey) || !KEYS[name] || shiftKey !== name < "a") return;
  event.preventDefault();
  press(KEYS[name]);
});
// An Enter that an input method takes never makes a line break.
area.addEventListener("beforeinput", (event) => {
  coming = "";
  if (isPlain && event.inputType === "insertLineBreak" && goOn()) event.preventDefault();
});
area.addEventListener("input", () => {
  const text = coming;
  coming = ""; // what is put in fires `input` as well
  if (text) put(area, area.selectionEnd, area.selectionEnd, text);
});
area.addEventListener("paste", (event) => {
  const address = event.clipboardData.getData("text").trim();
  const { words } = picked();
  if (!ADDRESS.test(address) || !words.trim() || words.includes("\n") || ADDRESS.test(words)) return;
  event.preventDefault();
  link(address);
});
