// The save: one at a time, and the same one again until it is answered. The text is never touched by it.
import { NAMES, fields, form, same, values, words } from "./editor-fields.js";
import { draft } from "./local-draft.js";
import { show } from "./save-status.js";
import { uuid } from "./uuid.js";

const PAUSE = 1200; // ms after the last key, and
const REST = 2500; // ms where that key belongs to a composition
const LONGEST = 8000; // ms after the first key that is not saved
const SLOW = 400; // ms before a save is worth a word, and
const SLOWER = 5000; // ms before it is worth a second one
export const SILENCES = 5; // in a row, then a save waits for minutes between two tries
const SILENCE = 15000; // ms until a save counts as lost, and
const PACE = 10; // letters a ms more on the slowest line
const STORED = 1000; // ms that a save waits for its copy at most

export const state = {
  saved: null, // the words that the server holds, as far as it has answered
  refused: {}, // by field: a value that it did not take, and why
  sending: null, // the save under way or to be repeated, exactly as it was first sent
  lost: null, // the save that lost a conflict, until its writer has chosen
  next: uuid(), // of the save that will follow it
  after: "", // the mark of a save that an earlier page may have sent on its way out
  isPaused: false, // until the next save that is asked for
  isOver: false, // another tab or another person writes here now
  leave: null, // what to do once all is saved, and
  isAsking: false, // whether to stay where that fails
  tries: 0, // of this save so far
  silences: 0, // since the last answer
  until: 0, // when a save after too many of them may be tried again, for pages that find its copy
  isLate: false, // the next save is what an earlier page may have sent on its way out
  present: 0, // an answer of an earlier version says that the server has other words than this page
};
let since = 0; // when the first unsaved key came
let due = 0; // timers: of the next save,
let slow = []; // and of the words that one takes long

const isSaved = () => state.saved !== null && words().every((value, at) => value === state.saved[at]);
const CONTENT = ["title", "body", "tags", "mood"];
const isEmptyNew = () => fields.version.value === "0" && !CONTENT.some((name) => fields[name].value.trim());
export const isUnsaved = () => state.sending !== null || !(isSaved() || isEmptyNew());
const isRefused = (name) => state.refused[name]?.value === fields[name].value;
// Whether there is anything unsaved that the server has not refused already.
export const hasNews = () => isUnsaved()
  && (state.sending !== null || NAMES.some((name, at) => fields[name].value !== state.saved?.[at] && !isRefused(name)));

// What has to be kept here, or null.
export function copy() {
  const { sending, lost, next: following, after, until } = state;
  if (!isUnsaved()) return null;
  const { version } = fields;
  return { words: values(words()), version: version.value, sending: sending ?? lost, next: following, after, until };
}

// The sentence beside each field that was refused, for as long as it holds the same.
export function mark() {
  for (const name in state.refused) {
    const why = isRefused(name) ? state.refused[name].why : "";
    document.getElementById(`${name}-error`).textContent = why;
    fields[name].ariaInvalid = why ? "true" : null;
  }
}

// Called by an event, or after an answer.
export function changed({ isComposing } = {}) {
  draft.keep();
  mark();
  since = hasNews() ? since || Date.now() : 0;
  if (state.sending) return; // its answer comes here again
  clearTimeout(due);
  if (state.isPaused || !since) return;
  show("Writing…");
  const pause = isComposing ? REST : PAUSE;
  later("auto", document.hidden ? 0 : Math.max(0, Math.min(pause, since + LONGEST - Date.now())));
}

export function later(kind, wait) {
  clearTimeout(due);
  due = setTimeout(save, wait, kind);
}

export async function save(kind) {
  clearTimeout(due);
  if (state.isOver) return;
  if (!state.sending && isEmptyNew()) return show("Write something first.", true);
  if (kind !== "auto") state.isPaused = false;
  since = 0;
  // A save without an answer goes first, just as it was: it may have arrived. The rest follows it.
  state.sending ??= made(kind);
  await kept("strict");
  htmx.trigger(form, "save"); // which does nothing while one is under way
}

export const kept = (how) => Promise.race([draft.keep(how), new Promise((resolve) => { setTimeout(resolve, STORED); })]);

export function made(kind) {
  const { next: save, after, isLate } = state;
  const { version, owner } = fields;
  Object.assign(state, { next: uuid(), after: "", tries: 0, isLate: false });
  const how = { kind: isLate ? "leave" : kind, ...(after && { after }) };
  return { ...values(words()), version: version.value, owner: owner.value, partial: "yes", save, ...how };
}

function begin(event) {
  if (!state.sending) return event.preventDefault(); // who asks to send it again need not know that it has arrived
  const isStuck = state.silences >= SILENCES;
  // The words of this save may be what keeps the server from answering: where they were changed, the new ones are sent.
  if (isStuck && !same(values(words()), state.sending)) {
    state.after = state.sending.save;
    state.sending = made("auto");
  }
  event.detail.parameters = state.sending;
  event.detail.timeout = SILENCE + state.sending.body.length / PACE;
  if (!isStuck) slow = [setTimeout(show, SLOW, "Saving…"), setTimeout(stillTrying, SLOWER)];
}

const stillTrying = () => show(`Still trying. ${draft.where}`, state.tries === 0);

// What an earlier page has left behind, over what this one came with; what was typed meanwhile stays as well.
export function adopt(kept) {
  const { words: old, version, sending, next: save, after, until } = kept;
  const came = state.saved ? values(state.saved) : {};
  const early = fields.body.value.replace(came.body ?? "", "");
  for (const name of NAMES) {
    if (name === "body" || !state.saved || fields[name].value === came[name]) fields[name].value = old[name] ?? "";
  }
  if (early && !old.body.includes(early)) fields.body.value += `\n\n${early}`;
  // What is only the beginning of these words makes no version, and is not what this page should show then.
  const isOther = state.saved && !same(came, old, ["title", "body"]);
  state.present = Number(fields.version.value) + (isOther ? 1 : 0);
  fields.version.value = version;
  if (until) state.silences = SILENCES - 1; // tried once at once, as somebody has come back to it
  // Under the mark that was meant for it: that page may have sent these very words on its way out.
  if (sending) Object.assign(state, { sending, next: save, after: sending.save, isLate: true });
  else {
    const { owner } = fields;
    state.sending = { ...old, version, owner: owner.value, partial: "yes", save, kind: "leave", ...(after && { after }) };
  }
}

form.addEventListener("htmx:configRequest", begin);
form.addEventListener("htmx:afterRequest", () => slow.forEach(clearTimeout));
