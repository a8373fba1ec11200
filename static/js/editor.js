// Saves while its writer writes. The text is never touched; only the version behind it moves on.
import { say } from "./journal.js";

const PAUSE = 1200; // ms after the last key
const LONGEST = 8000; // ms after the first key that is not saved
const SLOW = 400; // ms before a save is worth a word
const PATIENCE = 30; // seconds between two tries at most
const SILENCE = 15000; // ms until a save counts as lost, and
const PACE = 10; // letters a ms more on the slowest line
const COMMIT = 50; // ms in which the Enter that ends a composition may arrive late
const NAMES = ["title", "body", "day", "tags", "mood"];

const form = document.querySelector("#editor");
const fields = form.elements;
const line = document.querySelector("#saved");

let saved = null; // the words that the server holds, as far as it has answered
let sending = null; // the save under way or to be repeated, exactly as it was first sent
let isPaused = false; // until the next save that is asked for
let isComposing = false;
let composed = 0; // when
let since = 0; // when the first unsaved key came
let leave = null; // what to do once all is saved
let next = 0; // timers: of the next save,
let slow = 0; // and of the word that one takes long

const words = () => NAMES.map((name) => fields[name].value);
const isSaved = () => saved !== null && words().every((value, at) => value === saved[at]);
const isEmptyNew = () => fields.version.value === "0" && !(fields.title.value + fields.body.value).trim();
const isUnsaved = () => sending !== null || !(isSaved() || isEmptyNew());

// What the page came with.
function first(field) {
  if (field.tagName !== "SELECT") return field.defaultValue;
  return [...field.options].find((option) => option.defaultSelected)?.value ?? "";
}

// Saving

function changed() {
  guard();
  if (sending) return; // its answer comes here again
  clearTimeout(next);
  if (isPaused || isComposing || !isUnsaved()) return;
  since ||= Date.now();
  show("Writing…");
  next = setTimeout(save, Math.min(PAUSE, since + LONGEST - Date.now()), "auto");
}

function save(kind) {
  clearTimeout(next);
  if (kind !== "auto") isPaused = false;
  since = 0;
  // A save without an answer goes first, just as it was: it may have arrived. The rest follows it.
  if (!sending) {
    fields.save.value = crypto.randomUUID();
    sending = { fields: { ...Object.fromEntries(new FormData(form)), kind }, words: words(), tries: 0 };
  }
  htmx.trigger(form, "save"); // which does nothing while one is under way
}

function begin(event) {
  if (!sending) return event.preventDefault(); // who asks to send it again need not know that it has arrived
  event.detail.parameters = sending.fields;
  event.detail.timeout = SILENCE + sending.fields.body.length / PACE;
  slow = setTimeout(show, SLOW, "Saving…");
}

// The answers

// A page that some network puts in place of ours is not shown; troubles have sentences of their own.
function weigh({ detail }) {
  const { xhr } = detail;
  detail.shouldSwap = Boolean(xhr.getResponseHeader("X-Save")) || xhr.status === 401 || xhr.status === 422;
}

function answered({ detail: { xhr } }) {
  if (!sending) return;
  clearTimeout(slow);
  const version = xhr.getResponseHeader("X-Version");
  if (xhr.status === 200 && version) arrived(version);
  else if (xhr.status === 401) pause("Signed out. Your words are on this page, not saved yet: Save asks you to sign in.");
  else if (xhr.status < 400 || xhr.status === 429 || xhr.status >= 500) repeat(xhr.getResponseHeader("Retry-After"));
  else refuse(xhr);
}

function arrived(version) {
  if (sending.tries || sending.fields.kind !== "auto") say(line.textContent.trim());
  fields.version.value = version;
  saved = sending.words;
  sending = null;
  isPaused = false;
  history.replaceState(history.state, "", `${form.getAttribute("action")}/edit`);
  document.querySelector("#read").hidden = false;
  changed();
  if (!leave) return;
  clearTimeout(next);
  if (isUnsaved()) next = setTimeout(save, 0, "leave"); // not at once: htmx still holds this one
  else leave();
}

function repeat(seconds) {
  const wait = Number(seconds) || Math.min(PATIENCE, 2 ** sending.tries);
  next = setTimeout(save, wait * 1000 * (0.9 + Math.random() / 5), "auto");
  const trouble = navigator.onLine ? "Server not answering." : "Offline.";
  show(`${trouble} Your words are on this page; trying again.`, sending.tries === 0);
  sending.tries += 1;
  leave = null;
}

// These words under this mark will never be taken: the next save is a new one.
function refuse(xhr) {
  sending = null;
  if (xhr.status === 409) pause(line.textContent.trim());
  else if (xhr.status === 422) tell(line.textContent.trim());
  else tell(`Not saved. ${sentence(xhr)} Your words are still on this page.`);
}

function pause(news) {
  isPaused = true;
  tell(news);
}

function tell(news) {
  leave = null;
  if (line.textContent.trim() !== news) line.textContent = news;
  say(news);
}

function sentence(xhr) {
  return new DOMParser().parseFromString(xhr.responseText, "text/html").body.textContent.trim();
}

function show(text, isNews) {
  line.textContent = text;
  if (isNews) say(text);
}

// Leaving

function guard() {
  if (isUnsaved()) addEventListener("beforeunload", warn);
  else removeEventListener("beforeunload", warn);
}

function warn(event) {
  event.preventDefault();
}

// What leads away saves first. If that fails or takes too long, asking once more leads away, after a warning.
function depart(event, way) {
  if (leave || isPaused || sending?.tries || !isUnsaved()) return;
  event.preventDefault();
  leave = way;
  save("leave");
}

// Hands and keys

form.addEventListener("input", changed);
form.addEventListener("compositionstart", () => { isComposing = true; });
form.addEventListener("compositionend", () => {
  isComposing = false;
  composed = Date.now();
  changed();
});
form.addEventListener("submit", (event) => {
  if (event.submitter?.hasAttribute("data-plain")) return removeEventListener("beforeunload", warn);
  event.preventDefault();
  if (Date.now() - composed > COMMIT) save("manual");
});
form.addEventListener("htmx:configRequest", begin);
form.addEventListener("htmx:beforeSwap", weigh);
form.addEventListener("htmx:afterRequest", answered);

fields.day.addEventListener("change", () => {
  const day = fields.day.valueAsDate?.toLocaleDateString("en-GB", { dateStyle: "full", timeZone: "UTC" });
  if (day) document.querySelector("#when").textContent = day;
});

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.keyCode === 229 || document.querySelector("dialog[open]")) return;
  if (!(event.ctrlKey || event.metaKey) || event.altKey || !["s", "Enter"].includes(event.key)) return;
  event.preventDefault();
  save("manual");
});
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href]");
  if (!link || link.target || link.hash || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  depart(event, () => location.assign(link.href));
});
document.addEventListener("submit", (event) => {
  if (event.target.matches("[action='/logout']")) depart(event, () => event.target.submit());
});
addEventListener("online", () => {
  if (sending && !isPaused) save("auto");
});
addEventListener("pageshow", ({ persisted }) => {
  if (persisted && !isUnsaved()) location.reload();
});

// What was typed before this script ran counts. A page that came back with its words is not saved at all.
saved = "unsaved" in form.dataset ? null : NAMES.map((name) => first(fields[name]));
changed();
if (!fields.body.selectionEnd) fields.body.setSelectionRange(fields.body.value.length, fields.body.value.length);
