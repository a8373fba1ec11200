// Form drafts: unsaved input of forms with data-draft, stored in the browser until the server has saved it.
//
// Each page stores its draft under an id of its own and holds a Web Lock of that name, so a later page can tell which
// drafts are of closed pages. It restores those one at a time.
import { DraftStore } from "./draft-store.js";
import { DraftWriter } from "./draft-writer.js";
import { announce } from "./announce.js";
import { uuid } from "./uuid.js";

const PATIENCE = 1000; // ms to wait for a page that is closing, or for a write before the next page
const TYPED = "textarea, input:not([type=hidden])";

const drafts = new Map(); // by form; boosted visits to other pages leave them in place
let isAsked = false; // whether a sign-out was already stopped once because of unsent input

const nameOf = ({ dataset }) => `${dataset.owner} ${dataset.draft}`;
const formOf = (name) => [...document.querySelectorAll("form[data-draft]")].find((form) => nameOf(form) === name);
const fieldsOf = (form) => [...form.elements].filter((field) => field.name && field.matches(TYPED));
const valueOf = ({ type, value, checked }) => (type === "checkbox" ? String(checked) : value);
const valuesOf = (form) => Object.fromEntries(fieldsOf(form).map((field) => [field.name, valueOf(field)]));
const same = (one, other) => Object.keys(one).every((name) => one[name] === other[name]);

// The values in the HTML, whatever has been typed since.
function initialValues(form) {
  const initial = ({ type, defaultValue, defaultChecked }) => (type === "checkbox" ? String(defaultChecked) : defaultValue);
  return Object.fromEntries(fieldsOf(form).map((field) => [field.name, initial(field)]));
}

// Puts a draft into the fields, and keeps what was typed on this page before the draft was loaded.
function fill(form, words, base = valuesOf(form)) {
  for (const field of fieldsOf(form)) {
    const kept = words[field.name] ?? "", typed = valueOf(field);
    if (field.type === "checkbox") field.checked = kept === "true";
    else if (typed === base[field.name] || kept.includes(typed)) field.value = kept;
    else if (!typed.includes(kept)) field.value = [kept, typed].join(field.matches("textarea") ? "\n\n" : " ");
  }
  form.closest("details")?.setAttribute("open", "");
}

// Tells the writer that a draft is back and offers to discard it.
function tell(name, isChanged) {
  const button = document.createElement("button");
  button.textContent = "Discard it";
  button.addEventListener("click", () => {
    const form = formOf(name);
    form?.reset();
    if (form) changed(form);
    button.closest(".notice").remove();
  });
  const elsewhere = isChanged ? " It was changed elsewhere in the meantime: saving puts this in its place." : "";
  announce(`What you typed here before is back. It is not sent yet.${elsewhere}`, button);
}

function changed(form) {
  const draft = drafts.get(nameOf(form));
  if (!draft) return;
  const words = valuesOf(form);
  draft.words = same(words, draft.base) ? null : words;
  draft.save = form.elements.save?.value; // the server applies input that is sent twice with one save id only once
  isAsked = false;
  draft.writer.keep();
}

// Whether the page that has stored this draft is closed; this page then holds its lock.
function isLeft(id) {
  return new Promise((resolve) => {
    navigator.locks.request(id, { signal: AbortSignal.timeout(PATIENCE) }, () => {
      resolve(true);
      return new Promise((done) => { addEventListener("pagehide", done, { once: true }); });
    }).catch(() => resolve(false));
  });
}

// Restores one draft; the next one is restored on the page after this one is sent.
async function restore(name, draft, owner, ids) {
  for (const id of ids) {
    const found = (await isLeft(`${owner} ${id}`)) && await draft.writer.other(id);
    const form = formOf(name);
    if (!found || !form) continue;
    if (!same(found.words, draft.base)) {
      fill(form, found.words, draft.base);
      if (found.save && form.elements.save) form.elements.save.value = found.save;
      changed(form);
      await draft.writer.keep("strict");
      tell(name, !same(found.base, draft.base));
    }
    await draft.writer.deleteOther(id); // this page has stored it as its own by now, or the server has it
    if (draft.words) return;
  }
}

async function begin(form) {
  const { draft: kind, owner, key } = form.dataset;
  const name = nameOf(form), store = `${owner}.forms`, shared = `${encodeURIComponent(kind)} `;
  const id = shared + uuid();
  const draft = { base: initialValues(form), words: null, save: "", writer: new DraftWriter() };
  drafts.set(name, draft);
  changed(form); // input from before this script ran
  await draft.writer.load(id, store, key);
  await draft.writer.start(() => draft.words && { words: draft.words, base: draft.base, save: draft.save });
  if (!draft.writer.isKept) return;
  isLeft(`${store} ${id}`);
  const ids = (await DraftStore.ids(store)).filter((one) => one !== id && one.startsWith(shared));
  await restore(name, draft, store, ids);
}

// Runs for the page, and for each fragment that htmx inserts.
function setUp(root) {
  const forms = root.matches("form[data-draft]") ? [root] : root.querySelectorAll("form[data-draft]");
  for (const form of forms) {
    const draft = drafts.get(nameOf(form));
    if (!draft) begin(form);
    else if (!draft.words) draft.base = initialValues(form);
    else if (!same(draft.words, valuesOf(form))) {
      fill(form, draft.words);
      changed(form);
      // Silently if the input has never left the page: it was refused, or typed while an earlier line was sent.
      if (form !== root && !form.querySelector("[aria-invalid]")) tell(nameOf(form), false);
    }
    delete form.dataset.key;
  }
}

// Another account is signed in: removes the writer's input from the page if it is stored in the browser.
async function withdraw(form, draft) {
  await draft.writer.keep("strict");
  const { where, isKept } = draft.writer;
  if (isKept) {
    draft.writer.stop();
    draft.words = null;
    form.reset();
    form.remove();
  }
  announce(`Another account is signed in here now. Nothing was saved. ${where}`);
}

function sent({ detail: { elt, headers } }) {
  const draft = elt.dataset?.draft && drafts.get(nameOf(elt));
  if (!draft) return;
  headers["X-Owner"] = elt.dataset.owner;
  draft.sent = valuesOf(elt);
}

// A draft ends only by the journal's own response. What was typed after the request stays a draft.
function answered(event) {
  const { elt, xhr } = event.detail;
  const draft = elt.dataset?.draft && drafts.get(nameOf(elt));
  const answer = xhr.getResponseHeader("X-Save");
  if (!draft || !answer) return;
  if (answer === "other-owner") {
    event.preventDefault();
    withdraw(elt, draft);
  }
  if (answer !== "saved") return;
  const address = xhr.getResponseHeader("HX-Redirect");
  const { words } = draft;
  draft.words = !words || same(words, draft.sent) ? null : address ? words : rest(words, draft.sent);
  const kept = draft.writer.keep("strict");
  if (!address) return;
  event.preventDefault(); // waits for the write, or the next page would find the draft again
  Promise.race([kept, new Promise((resolve) => { setTimeout(resolve, PATIENCE); })]).then(() => location.assign(address));
}

// The input without the part that was sent.
function rest(words, gone) {
  const after = ([name, value]) => [name, value.startsWith(gone[name]) ? value.slice(gone[name].length).trimStart() : value];
  return Object.fromEntries(Object.entries(words).map(after));
}

// Stops a sign-out once. The draft stays in the browser, encrypted, until its writer signs in again.
function leave(event) {
  const draft = [...drafts.values()].find(({ words }) => words);
  if (!draft || isAsked || !event.target.matches("[action='/logout']")) return;
  event.preventDefault();
  isAsked = true;
  announce(`What you typed is not sent yet. ${draft.writer.where} To go all the same, sign out once more.`);
}

document.addEventListener("input", ({ target }) => { if (target.form?.dataset.draft) changed(target.form); });
document.addEventListener("htmx:configRequest", sent);
document.addEventListener("htmx:beforeOnLoad", answered);
document.addEventListener("submit", leave);
document.addEventListener("htmx:load", ({ target }) => { if (target !== document.body) setUp(target); });
setUp(document.body);
