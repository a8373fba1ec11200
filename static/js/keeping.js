// The copy in this browser: made with each key, and gone as soon as the server has the words.
import { Copies } from "./copies.js";

let uid = "";
let unsaved = () => null; // what there is to keep
let found = null; // the copies, which are left alone until what they hold has been looked at
let copies = null;
let isBroken = false;
let writing = null;
let isStale = false;
let durability = "relaxed";

export const isKept = () => copies !== null && !isBroken;
export const where = () => isKept()
  ? "Kept on this device."
  : "This browser keeps no copy of it: please leave the page open.";

// What an earlier page has left behind of this entry, if anything.
export async function find(entry, owner, key) {
  uid = entry;
  try {
    found = await Copies.of(owner, key);
    return await found.get(uid);
  } catch {
    isBroken = true; // not on a plain line, nor in every private window
    return undefined;
  }
}

// From now on, whatever `source` says is kept; null for nothing.
export function begin(source) {
  copies = found;
  unsaved = source;
  return keep();
}

// What the page holds from now on is not its writer's.
export function end() {
  copies = null;
  unsaved = () => null;
}

// Brings the copy up to date; resolves when it is. Calls in quick succession share a write.
export function keep(wanted = "relaxed") {
  guard();
  if (!copies) return Promise.resolve();
  if (wanted === "strict") durability = wanted;
  isStale = true;
  return writing ??= written(copies, unsaved);
}

// To the end even if the page is another's meanwhile: what was typed before that is to be kept.
async function written(to, source) {
  try {
    while (isStale) {
      isStale = false;
      const copy = source();
      const how = durability;
      durability = "relaxed";
      await (copy ? to.put(uid, copy, how) : to.drop(uid));
    }
    isBroken = false;
  } catch {
    isBroken = true; // full, or forbidden
  }
  writing = null;
  guard();
}

// Only words that are nowhere else are worth a question of the browser's.
function guard() {
  if (isKept() || !unsaved()) removeEventListener("beforeunload", warn);
  else addEventListener("beforeunload", warn);
}

function warn(event) {
  event.preventDefault();
}
