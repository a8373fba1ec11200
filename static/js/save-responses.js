// What becomes of a save: the answer of the server, or its silence.
import { NAMES, fields, form, same, values, words } from "./editor-fields.js";
import { draft } from "./local-draft.js";
import { SILENCES, changed, hasNews, isUnsaved, kept, later, mark, save, state } from "./saving.js";
import { announce, link, say } from "./announce.js";
import { line, read, show } from "./save-status.js";

const PATIENCE = 30; // seconds between two tries at most, but
const MINUTES = 120; // seconds after too many silences in a row
const SILENT = [0, 502, 504]; // what a browser or a proxy says where a server did not answer

const panel = document.querySelector("#conflict");
let rival = "0"; // the version that a conflict was lost to
let isYielding = false; // to it

// A page that some network puts in place of ours is not shown; troubles have sentences of their own.
function weigh({ detail }) {
  const { xhr } = detail;
  const answer = xhr.getResponseHeader("X-Save");
  detail.shouldSwap = (answer && answer !== "other-owner") || xhr.status === 401;
}

function answered({ detail: { xhr } }) {
  if (!state.sending) return;
  const answer = xhr.getResponseHeader("X-Save");
  const version = xhr.getResponseHeader("X-Version");
  if (!SILENT.includes(xhr.status)) Object.assign(state, { silences: 0, until: 0 });
  else if (navigator.onLine) state.silences += 1;
  if (xhr.status === 200 && version) arrived(version, answer, read(xhr).reasons);
  else if (xhr.status === 401) signedOut();
  else if (xhr.status < 400 || xhr.status === 429 || xhr.status >= 500) repeat(xhr.getResponseHeader("Retry-After"));
  else if (answer === "conflict") collided(version);
  else if (answer === "other-owner") withdraw();
  else refuse(read(xhr));
}

// Refused fields keep their words, with the server's reason beside each. Whether a refusal is new.
function note(reasons, names) {
  const { sending } = state;
  const isNews = names.some((name) => state.refused[name]?.value !== sending[name]);
  for (const name of NAMES) {
    state.refused[name] = { value: names.includes(name) ? sending[name] : null, why: reasons[name] ?? "" };
    const folded = reasons[name] && document.getElementById(`${name}-error`).closest("details");
    if (folded) folded.open = true;
  }
  mark();
  return isNews;
}

function arrived(version, answer, reasons) {
  const { sending } = state;
  const refused = NAMES.filter((name) => name in reasons);
  // The server has more than this page: a version that this one came with, or one that overtook a late copy.
  const isOvertaken = answer === "unchanged" && sending.kind === "leave" && version - sending.version > 0;
  const isBehind = version < state.present || isOvertaken;
  if (refused.length) line.append(" ", draft.where);
  if (refused.includes("body")) line.append(" ", download());
  if (note(reasons, refused) || state.tries || sending.kind !== "auto") say(line.textContent.trim());
  fields.version.value = version;
  state.saved = NAMES.map((name) => (refused.includes(name) ? null : sending[name] ?? ""));
  Object.assign(state, { sending: null, lost: null, isPaused: false, isAsking: state.isAsking && state.leave });
  isYielding = false;
  panel.replaceChildren();
  history.replaceState(history.state, "", `${form.getAttribute("action")}/edit`);
  Object.assign(document.querySelector("#read"), { hidden: false, textContent: "Read" });
  changed();
  if (isBehind && !isUnsaved()) draft.keep().then(() => location.reload());
  if (!state.leave) return;
  if (hasNews()) later("leave", 0); // not at once: htmx still holds this one
  else if (isUnsaved()) depart();
  else kept().then(state.leave); // or the next page would find the copy and send it again
}

function repeat(seconds) {
  const isStuck = state.silences >= SILENCES;
  const wait = 1000 * (0.9 + Math.random() / 5)
    * (isStuck ? MINUTES : Number(seconds) || Math.min(PATIENCE, 2 ** state.tries));
  later("auto", wait);
  state.until = isStuck ? Date.now() + wait : 0;
  draft.keep();
  const trouble = navigator.onLine ? "Server not answering." : "Offline.";
  const again = isStuck ? " Trying again every two minutes. " : draft.isKept ? " Trying again." : "";
  // Who has asked to sign out knows, and reads what to do about it.
  if (!state.isAsking || state.leave) {
    show(`${trouble} ${draft.where}${again}`, state.tries === 0 || state.silences === SILENCES);
    if (isStuck) line.append(download());
  }
  state.tries += 1;
  depart();
}

function signedOut() {
  pause(`Signed out. ${draft.where} `);
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
  draft.keep();
  if (isYielding) yieldTo();
}

function yieldTo() {
  Object.assign(state, { lost: null, saved: words() }); // all of it is among the versions
  draft.keep().then(() => location.replace(`${form.getAttribute("action")}/edit`));
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
  pause(`Another account is signed in here now. Nothing was saved. ${draft.where}`);
  await draft.keep("strict");
  if (!draft.isKept) return;
  const gone = draft.where;
  draft.end();
  for (const name of NAMES) fields[name].value = "";
  form.remove();
  announce(`Another account is signed in here now. ${gone} What was written on this page comes back once its writer`
    + " signs in.");
}

// The server will never take these words under this save id: the next save is a new one, at once if they have changed.
function refuse({ sentence, reasons }) {
  note(reasons, NAMES);
  state.sending = null;
  if (hasNews()) return state.leave ? later("leave", 0) : changed();
  show(`Could not be saved: ${sentence} ${draft.where} `, true);
  line.append(download());
  depart();
}

function download() {
  const text = URL.createObjectURL(new Blob([fields.title.value, "\n\n", fields.body.value]));
  return link("Download the text", text, `${fields.day.value}.txt`);
}

// The server will have them later: they are safe to leave here, but who signs out is asked.
function depart() {
  const { leave, isAsking } = state;
  state.leave = null;
  if (leave && isAsking) show(`Not sent yet. ${draft.where} To go all the same, sign out once more.`, true);
  else if (leave && draft.isKept) leave();
}

function pause(news) {
  state.isPaused = true;
  state.leave = null;
  show(news, true);
}

form.addEventListener("htmx:beforeSwap", weigh);
form.addEventListener("htmx:afterRequest", answered);
