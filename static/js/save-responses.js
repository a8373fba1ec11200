// Save responses: handles the server's response to a save, or the lack of one. See the table in saving.js.
import { NAMES, fields, form, same, valueList, values } from "./editor-fields.js";
import { draft } from "./local-draft.js";
import { SILENCES, changed, hasUnsent, isUnsaved, save, schedule, showReasons, state, stored } from "./saving.js";
import { announce, link, say } from "./announce.js";
import { line, parse, show } from "./save-status.js";

const PATIENCE = 30; // longest wait between two tries, in seconds,
const MINUTES = 120; // and of a stuck save
const SILENT = [0, 502, 504]; // statuses of a browser or a proxy that got no response from the server

const panel = document.querySelector("#conflict");
let other = "0"; // the version that has won the conflict
let isUsingOther = false; // the writer has chosen it

// Only the journal's own responses are shown. A captive portal's page is not; the status line describes errors.
function filter({ detail }) {
  const { xhr } = detail;
  const answer = xhr.getResponseHeader("X-Save");
  detail.shouldSwap = (answer && answer !== "other-owner") || xhr.status === 401;
}

function respond({ detail: { xhr } }) {
  if (!state.sending) return;
  const answer = xhr.getResponseHeader("X-Save");
  const version = xhr.getResponseHeader("X-Version");
  if (!SILENT.includes(xhr.status)) Object.assign(state, { silences: 0, until: 0 });
  else if (navigator.onLine) state.silences += 1;
  if (xhr.status === 200 && version) saved(version, answer, parse(xhr).reasons);
  else if (xhr.status === 401) signedOut();
  else if (xhr.status < 400 || xhr.status === 429 || xhr.status >= 500) retry(xhr.getResponseHeader("Retry-After"));
  else if (answer === "conflict") conflict(version);
  else if (answer === "other-owner") withdraw();
  else refused(parse(xhr));
}

// Notes which values were refused and why. Returns whether any of them is refused for the first time.
function note(reasons, names) {
  const { sending } = state;
  const isNews = names.some((name) => state.refused[name]?.value !== sending[name]);
  for (const name of NAMES) {
    state.refused[name] = { value: names.includes(name) ? sending[name] : null, why: reasons[name] ?? "" };
    const folded = reasons[name] && document.getElementById(`${name}-error`).closest("details");
    if (folded) folded.open = true;
  }
  showReasons();
  return isNews;
}

function saved(version, answer, reasons) {
  const { sending } = state;
  const names = NAMES.filter((name) => name in reasons);
  // The server has other text than this page: the page came with a newer version, or a newer one overtook this save.
  const isOvertaken = answer === "unchanged" && sending.kind === "leave" && version - sending.version > 0;
  const isBehind = version < state.present || isOvertaken;
  if (names.length) line.append(" ", draft.where);
  if (names.includes("body")) line.append(" ", download());
  if (note(reasons, names) || state.tries || sending.kind !== "auto") say(line.textContent.trim());
  fields.version.value = version;
  state.saved = NAMES.map((name) => (names.includes(name) ? null : sending[name] ?? ""));
  Object.assign(state, { sending: null, lost: null, isPaused: false, isLogout: state.isLogout && state.leave });
  isUsingOther = false;
  panel.replaceChildren();
  history.replaceState(history.state, "", `${form.getAttribute("action")}/edit`);
  Object.assign(document.querySelector("#read"), { hidden: false, textContent: "Read" });
  changed();
  if (isBehind && !isUnsaved()) draft.keep().then(() => location.reload());
  if (!state.leave) return;
  if (hasUnsent()) schedule("leave", 0); // not at once: htmx has not finished this request yet
  else if (isUnsaved()) leaveUnsaved();
  else stored().then(state.leave); // otherwise the next page would find the draft and send it again
}

function retry(seconds) {
  const isStuck = state.silences >= SILENCES;
  const wait = 1000 * (0.9 + Math.random() / 5)
    * (isStuck ? MINUTES : Number(seconds) || Math.min(PATIENCE, 2 ** state.tries));
  schedule("auto", wait);
  state.until = isStuck ? Date.now() + wait : 0;
  draft.keep();
  const trouble = navigator.onLine ? "Server not answering." : "Offline.";
  const again = isStuck ? " Trying again every two minutes. " : draft.isKept ? " Trying again." : "";
  // Leaves the message of leaveUnsaved() in place, which says how to sign out all the same.
  if (!state.isLogout || state.leave) {
    show(`${trouble} ${draft.where}${again}`, state.tries === 0 || state.silences === SILENCES);
    if (isStuck) line.append(download());
  }
  state.tries += 1;
  leaveUnsaved();
}

function signedOut() {
  pause(`Signed out. ${draft.where} `);
  const button = document.createElement("button");
  button.textContent = "Sign in";
  line.append(button);
}

// The server has stored this text as a version of its own; the writer chooses in the panel how to go on.
function conflict(version) {
  other = version;
  state.lost = state.sending;
  state.sending = null;
  pause("Two versions. Nothing was overwritten.");
  draft.keep();
  if (isUsingOther) useOther();
}

function useOther() {
  Object.assign(state, { lost: null, saved: valueList() }); // the server has all of it among the versions
  draft.keep().then(() => location.replace(`${form.getAttribute("action")}/edit`));
}

// The buttons of the conflict panel.
export const choices = {
  mine() {
    isUsingOther = false;
    fields.version.value = other;
    save("manual");
  },
  both() {
    const text = panel.querySelector("pre").textContent;
    fields.body.focus();
    fields.body.setSelectionRange(fields.body.value.length, fields.body.value.length);
    document.execCommand("insertText", false, `\n\n* * *\n\n${text}`); // unlike an assignment, undo reverts it
    choices.mine();
  },
  other() {
    isUsingOther = true;
    if (same(values(), state.lost)) useOther();
    else save("leave"); // stores what was typed since the conflict among the versions as well
  },
};

// Another account is signed in: removes the writer's text from the page if it is stored in the browser.
async function withdraw() {
  state.isClosed = true;
  pause(`Another account is signed in here now. Nothing was saved. ${draft.where}`);
  await draft.keep("strict");
  if (!draft.isKept) return;
  const { where } = draft; // before stop(), which changes it
  draft.stop();
  for (const name of NAMES) fields[name].value = "";
  form.remove();
  announce(`Another account is signed in here now. ${where} What was written on this page comes back once its writer`
    + " signs in.");
}

// The server will refuse this save however often it is sent. The next save has a new id.
function refused({ sentence, reasons }) {
  note(reasons, NAMES);
  state.sending = null;
  if (hasUnsent()) return state.leave ? schedule("leave", 0) : changed();
  show(`Could not be saved: ${sentence} ${draft.where} `, true);
  line.append(download());
  leaveUnsaved();
}

function download() {
  const text = URL.createObjectURL(new Blob([fields.title.value, "\n\n", fields.body.value]));
  return link("Download the text", text, `${fields.day.value}.txt`);
}

// Leaves the page with unsaved text if the draft is stored; a sign-out has to be confirmed first.
function leaveUnsaved() {
  const { leave, isLogout } = state;
  state.leave = null;
  if (leave && isLogout) show(`Not sent yet. ${draft.where} To go all the same, sign out once more.`, true);
  else if (leave && draft.isKept) leave();
}

function pause(message) {
  state.isPaused = true;
  state.leave = null;
  show(message, true);
}

form.addEventListener("htmx:beforeSwap", filter);
form.addEventListener("htmx:afterRequest", respond);
