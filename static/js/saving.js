// Autosave: sends the entry while it is being written, without changing the text in the fields.
//
// There is one save at a time. Each has an id (`save`) and the version that it changes (`version`), so the server
// applies it once however often it arrives, and detects that somebody else has changed the entry (optimistic
// concurrency). A draft of everything unsaved is in IndexedDB from the first key on (local-draft.js).
//
//   state      event                           next state and action
//   ---------  ------------------------------  -----------------------------------------------------------------
//   saved      input                           waiting: PAUSE after the last key, at most LONGEST after the first
//   waiting    timer, Ctrl+S, leaving          sending: PUT with a new id
//   sending    input                           sending: only the draft is written
//   sending    200                             saved; or waiting, if there was input in the meantime
//   sending    no response, 429, 5xx           retrying: the same PUT after 1, 2, 4, … 30 s; stuck after SILENCES
//   retrying   timer, browser is online        sending
//   stuck      timer of two minutes            sending: a PUT of the present text, which may differ
//   sending    401                             paused: the dialog signs in and sends the same PUT again
//   sending    409, conflict                   paused: the server has both texts, the writer chooses one or both
//   sending    422, or another 4xx             refused: no save before a refused field has changed; then a new id
//   any        another account is signed in    closed: the text leaves the page, the draft waits for its writer
//   any        another tab takes the lock      closed: this tab saves and becomes read-only
//
// This file makes saves, save-responses.js handles the responses, editor.js connects both with the page.
import { NAMES, byName, fields, form, same, valueList, values } from "./editor-fields.js";
import { draft } from "./local-draft.js";
import { show } from "./save-status.js";
import { uuid } from "./uuid.js";

const PAUSE = 1200; // ms between the last key and a save,
const REST = 2500; // ms if that key was part of an IME composition
const LONGEST = 8000; // ms between the first unsaved key and a save
const SLOW = 400; // ms after which the status says "Saving…",
const SLOWER = 5000; // ms after which it says "Still trying"
export const SILENCES = 5; // requests in a row without a response, after which the save is stuck
const TIMEOUT = 15000; // ms until a request counts as failed,
const PACE = 10; // plus 1 ms for this many characters, for the slowest connections
const STORING = 1000; // ms that a save waits at most until the draft is stored

export const state = {
  saved: null, // the values on the server, in the order of NAMES; null while they are unknown
  refused: {}, // by field: the value that the server has refused, and the reason
  sending: null, // the save in flight or to be retried, exactly as it was first sent
  lost: null, // the save that has lost a conflict, until the writer has chosen
  next: uuid(), // the id of the next save
  after: "", // the id of an unanswered save before the next one: of a page that was closing, or a stuck one
  isPaused: false, // nothing is sent until the writer asks for it
  isClosed: false, // another tab edits this entry, or another account is signed in
  leave: null, // what to do once everything is saved: to follow a link, or to sign out
  isLogout: false, // then a failed save keeps the writer on the page
  tries: 0, // of the save in flight
  silences: 0, // requests without a response since the last response
  until: 0, // when a stuck save may be retried, for other pages that find its draft
  isLate: false, // the next save repeats what an earlier page may have sent
  present: 0, // the version that the server is known to have; a lower answer means that it has other text
};
let since = 0; // time of the first unsaved key
let due = 0; // timer of the next save
let slow = []; // timers of the two status messages

const isSaved = () => state.saved !== null && valueList().every((value, at) => value === state.saved[at]);
const isEmptyNew = () => fields.version.value === "0"
  && !["title", "body", "tags", "mood"].some((name) => fields[name].value.trim());
export const isUnsaved = () => state.sending !== null || !(isSaved() || isEmptyNew());
const isRefused = (name) => state.refused[name]?.value === fields[name].value;
// Whether anything is unsaved that the server has not already refused.
export const hasUnsent = () => isUnsaved()
  && (state.sending !== null || NAMES.some((name, at) => fields[name].value !== state.saved?.[at] && !isRefused(name)));

// The draft to store, or null. Its keys stay as they are: drafts of earlier versions are still in browsers.
export function unsaved() {
  const { sending, lost, next, after, until } = state;
  const { version } = fields;
  return isUnsaved() ? { words: values(), version: version.value, sending: sending ?? lost, next, after, until } : null;
}

// Shows beside each field why its value was refused, until the value changes.
export function showReasons() {
  for (const name in state.refused) {
    const why = isRefused(name) ? state.refused[name].why : "";
    document.getElementById(`${name}-error`).textContent = why;
    fields[name].ariaInvalid = why ? "true" : null;
  }
}

// Runs after each input event and each response: stores the draft and schedules the next save.
export function changed({ isComposing } = {}) {
  draft.keep();
  showReasons();
  since = hasUnsent() ? since || Date.now() : 0;
  if (state.sending) return; // its response calls this function again
  clearTimeout(due);
  if (state.isPaused || !since) return;
  show("Writing…");
  const wait = Math.min(isComposing ? REST : PAUSE, since + LONGEST - Date.now());
  schedule("auto", document.hidden ? 0 : Math.max(0, wait));
}

export function schedule(kind, wait) {
  clearTimeout(due);
  due = setTimeout(save, wait, kind);
}

export async function save(kind) {
  clearTimeout(due);
  if (state.isClosed) return;
  if (!state.sending && isEmptyNew()) return show("Write something first.", true);
  if (kind !== "auto") state.isPaused = false;
  since = 0;
  // A save without a response is repeated unchanged, since it may have arrived. Later input follows in the next save.
  state.sending ??= newSave(kind);
  await stored("strict");
  htmx.trigger(form, "save"); // ignored by htmx while a request is in flight
}

// Resolves when the draft is stored, or after STORING.
export const stored = (durability) => Promise.race([
  draft.keep(durability),
  new Promise((resolve) => { setTimeout(resolve, STORING); }),
]);

export function newSave(kind) {
  const { next: save, after, isLate } = state;
  const { version, owner } = fields;
  Object.assign(state, { next: uuid(), after: "", tries: 0, isLate: false });
  const how = { kind: isLate ? "leave" : kind, ...(after && { after }) };
  return { ...values(), version: version.value, owner: owner.value, partial: "yes", save, ...how };
}

function prepare(event) {
  if (!state.sending) return event.preventDefault(); // the save was already answered, for example before a sign-in
  const isStuck = state.silences >= SILENCES;
  // The text itself may be the reason why the server doesn't respond, so a stuck save takes up later changes.
  if (isStuck && !same(values(), state.sending)) {
    state.after = state.sending.save;
    state.sending = newSave("auto");
  }
  event.detail.parameters = state.sending;
  event.detail.timeout = TIMEOUT + state.sending.body.length / PACE;
  if (isStuck) return;
  const stillTrying = () => show(`Still trying. ${draft.where}`, state.tries === 0);
  slow = [setTimeout(show, SLOW, "Saving…"), setTimeout(stillTrying, SLOWER)];
}

// Puts an earlier page's draft into the fields, and keeps what was typed on this page before the draft was loaded.
export function restore(kept) {
  const { words: old, version, sending, next: save, after, until } = kept;
  const came = state.saved ? byName(state.saved) : {};
  const early = fields.body.value.replace(came.body ?? "", "");
  for (const name of NAMES) {
    if (name === "body" || !state.saved || fields[name].value === came[name]) fields[name].value = old[name] ?? "";
  }
  if (early && !old.body.includes(early)) fields.body.value += `\n\n${early}`;
  // If this text is only the beginning of the server's, the save makes no new version, and the page must be reloaded.
  const isOther = state.saved && !same(came, old, ["title", "body"]);
  state.present = Number(fields.version.value) + (isOther ? 1 : 0);
  fields.version.value = version;
  if (until) state.silences = SILENCES - 1; // a stuck save gets one try, since its writer has opened it
  // With the id that was reserved for it: the earlier page may have sent this very text while it was closing.
  if (sending) Object.assign(state, { sending, next: save, after: sending.save, isLate: true });
  else {
    const { owner } = fields;
    state.sending = { ...old, version, owner: owner.value, partial: "yes", save, kind: "leave", ...(after && { after }) };
  }
}

form.addEventListener("htmx:configRequest", prepare);
form.addEventListener("htmx:afterRequest", () => slow.forEach(clearTimeout));
