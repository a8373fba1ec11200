// The save: one at a time, and the same one again until it is answered. The text is never touched by it.
import { NAMES, fields, form, same, values, words } from "./fields.js";
import { end, isKept, keep, where } from "./keeping.js";
import { announce, link, say } from "./speaking.js";
import { line, sentence, show } from "./status.js";
import { uuid } from "./uuid.js";

const PAUSE = 1200; // ms after the last key
const LONGEST = 8000; // ms after the first key that is not saved
const SLOW = 400; // ms before a save is worth a word
const PATIENCE = 30; // seconds between two tries at most
const SILENCE = 15000; // ms until a save counts as lost, and
const PACE = 10; // letters a ms more on the slowest line
const STORED = 1000; // ms that a save waits for its copy at most

const panel = document.querySelector("#conflict");

export const state = {
  saved: null, // the words that the server holds, as far as it has answered
  sending: null, // the save under way or to be repeated, exactly as it was first sent
  lost: null, // the save that lost a conflict, until its writer has chosen
  next: uuid(), // of the save that will follow it
  after: "", // the mark of a save that an earlier page may have sent on its way out
  isPaused: false, // until the next save that is asked for
  isOver: false, // another tab or another person writes here now
  isComposing: false,
  leave: null, // what to do once all is saved, and
  isAsking: false, // whether to stay where that fails
};
let tries = 0;
let since = 0; // when the first unsaved key came
let present = 0; // an answer of an earlier version says that the server has other words than this page
let rival = "0"; // the version that a conflict was lost to
let isYielding = false; // to it
let next = 0; // timers: of the next save,
let slow = 0; // and of the word that one takes long

const isSaved = () => state.saved !== null && words().every((value, at) => value === state.saved[at]);
const CONTENT = ["title", "body", "tags", "mood"];
const isEmptyNew = () => fields.version.value === "0" && !CONTENT.some((name) => fields[name].value.trim());
export const isUnsaved = () => state.sending !== null || !(isSaved() || isEmptyNew());

// What has to be kept here, or null.
export function copy() {
  const { sending, lost, next: following, after } = state;
  if (!isUnsaved()) return null;
  return { words: values(words()), version: fields.version.value, sending: sending ?? lost, next: following, after };
}

export function changed() {
  keep();
  if (state.sending) return; // its answer comes here again
  clearTimeout(next);
  if (state.isPaused || state.isComposing || !isUnsaved()) return;
  since ||= Date.now();
  show("Writing…");
  next = setTimeout(save, Math.max(0, Math.min(PAUSE, since + LONGEST - Date.now())), "auto");
}

export async function save(kind) {
  clearTimeout(next);
  if (state.isOver) return;
  if (!state.sending && isEmptyNew()) return show("Write something first.", true);
  if (kind !== "auto") state.isPaused = false;
  since = 0;
  // A save without an answer goes first, just as it was: it may have arrived. The rest follows it.
  state.sending ??= made(kind);
  await kept("strict");
  htmx.trigger(form, "save"); // which does nothing while one is under way
}

const kept = (how) => Promise.race([keep(how), new Promise((resolve) => { setTimeout(resolve, STORED); })]);

export function made(kind) {
  const { next: save, after } = state;
  const { version, owner } = fields;
  state.next = uuid();
  state.after = "";
  tries = 0;
  return { ...values(words()), version: version.value, owner: owner.value, save, kind, ...(after && { after }) };
}

function begin(event) {
  if (!state.sending) return event.preventDefault(); // who asks to send it again need not know that it has arrived
  event.detail.parameters = state.sending;
  event.detail.timeout = SILENCE + state.sending.body.length / PACE;
  slow = setTimeout(show, SLOW, "Saving…");
}

// What an earlier page has left behind, over what this one came with; what was typed meanwhile stays as well.
export function adopt(kept) {
  const { words: old, version, sending, next: save, after } = kept;
  const came = state.saved ? values(state.saved) : {};
  const early = fields.body.value.replace(came.body ?? "", "");
  for (const name of NAMES) {
    if (name === "body" || !state.saved || fields[name].value === came[name]) fields[name].value = old[name] ?? "";
  }
  if (early && !old.body.includes(early)) fields.body.value += `\n\n${early}`;
  // What is only the beginning of these words makes no version, and is not what this page should show then.
  const isOther = state.saved && !same(came, old, ["title", "body"]);
  present = Number(fields.version.value) + (isOther ? 1 : 0);
  fields.version.value = version;
  // Under the mark that was meant for it: that page may have sent these very words on its way out.
  state.sending = sending ?? { ...old, version, owner: fields.owner.value, save, kind: "leave", ...(after && { after }) };
  state.after = sending ? save : "";
}

// The answers

// A page that some network puts in place of ours is not shown; troubles have sentences of their own.
function weigh({ detail }) {
  const { xhr } = detail;
  const answer = xhr.getResponseHeader("X-Save");
  detail.shouldSwap = (answer && answer !== "other-owner") || xhr.status === 401;
}

function answered({ detail: { xhr } }) {
  if (!state.sending) return;
  clearTimeout(slow);
  const answer = xhr.getResponseHeader("X-Save");
  const version = xhr.getResponseHeader("X-Version");
  if (xhr.status === 200 && version) arrived(version);
  else if (xhr.status === 401) signedOut();
  else if (xhr.status < 400 || xhr.status === 429 || xhr.status >= 500) repeat(xhr.getResponseHeader("Retry-After"));
  else if (answer === "conflict") collided(version);
  else if (answer === "other-owner") withdraw();
  else refuse(sentence(xhr));
}

function arrived(version) {
  const { sending } = state;
  if (tries || sending.kind !== "auto") say(line.textContent.trim());
  fields.version.value = version;
  state.saved = NAMES.map((name) => sending[name] ?? "");
  Object.assign(state, { sending: null, lost: null, isPaused: false, isAsking: state.isAsking && state.leave });
  isYielding = false;
  panel.replaceChildren();
  history.replaceState(history.state, "", `${form.getAttribute("action")}/edit`);
  document.querySelector("#read").hidden = false;
  changed();
  if (version < present && !isUnsaved()) keep().then(() => location.reload());
  if (!state.leave) return;
  clearTimeout(next);
  if (isUnsaved()) next = setTimeout(save, 0, "leave"); // not at once: htmx still holds this one
  else kept().then(state.leave); // or the next page would find the copy and send it again
}

function repeat(seconds) {
  const wait = Number(seconds) || Math.min(PATIENCE, 2 ** tries);
  next = setTimeout(save, wait * 1000 * (0.9 + Math.random() / 5), "auto");
  const trouble = navigator.onLine ? "Server not answering." : "Offline.";
  show(`${trouble} ${where()}${isKept() ? " Trying again." : ""}`, tries === 0);
  tries += 1;
  depart();
}

function signedOut() {
  pause(`Signed out. ${where()} `);
  const button = document.createElement("button");
  button.textContent = "Sign in";
  line.append(button);
}

// The server has these words as a version of their own; the writer chooses how to go on.
function collided(version) {
  rival = version;
  state.lost = state.sending;
  state.sending = null;
  pause("Two versions. Nothing was overwritten.");
  keep();
  if (isYielding) yieldTo();
}

function yieldTo() {
  Object.assign(state, { lost: null, saved: words() }); // all of it is among the versions
  keep().then(() => location.replace(`${form.getAttribute("action")}/edit`));
}

export const choices = {
  mine() {
    isYielding = false;
    fields.version.value = rival;
    save("manual");
  },
  both() {
    const other = panel.querySelector("pre").textContent;
    fields.body.focus();
    fields.body.setSelectionRange(fields.body.value.length, fields.body.value.length);
    document.execCommand("insertText", false, `\n\n* * *\n\n${other}`); // which can be undone
    choices.mine();
  },
  other() {
    isYielding = true;
    if (same(values(words()), state.lost)) yieldTo();
    else save("leave"); // what was typed since is to be among the versions as well
  },
};

// Nothing of the one who wrote here is shown to the one who is signed in now, if it is safe elsewhere.
async function withdraw() {
  state.isOver = true;
  pause(`Another account is signed in here now. Nothing was saved. ${where()}`);
  await keep("strict");
  if (!isKept()) return;
  end();
  for (const name of NAMES) fields[name].value = "";
  form.remove();
  announce("Another account is signed in here now. What was written on this page is kept on this device for its"
    + " writer, and comes back once they sign in.");
}

// These words under this mark will never be taken: the next save is a new one.
function refuse(reason) {
  state.sending = null;
  show(`Could not be saved: ${reason} ${where()} `, true);
  const text = URL.createObjectURL(new Blob([fields.title.value, "\n\n", fields.body.value]));
  line.append(link("Download the text", text, `${fields.day.value}.txt`));
  depart();
}

// The server will have them later: they are safe to leave here, but who signs out is asked.
function depart() {
  const { leave, isAsking } = state;
  state.leave = null;
  if (leave && isAsking) show(`Not sent yet. ${where()} To go all the same, sign out once more.`, true);
  else if (leave && isKept()) leave();
}

function pause(news) {
  state.isPaused = true;
  state.leave = null;
  show(news, true);
}

form.addEventListener("htmx:configRequest", begin);
form.addEventListener("htmx:beforeSwap", weigh);
form.addEventListener("htmx:afterRequest", answered);
