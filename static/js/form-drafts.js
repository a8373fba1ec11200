// Forms with data-draft: what is typed there is a draft, kept in this browser until the server has it.
import { DraftStore } from "./draft-store.js";
import { DraftWriter } from "./draft-writer.js";
import { announce } from "./announce.js";
import { uuid } from "./uuid.js";

const PATIENCE = 1000; // ms for a page that is just going, or for a write that the next page waits for
const TYPED = "textarea, input:not([type=hidden])";

const drafts = new Map(); // by name, also while another page of the site is shown
let isAsked = false; // whether a sign-out was stopped once, to say what is not sent

const nameOf = ({ dataset }) => `${dataset.owner} ${dataset.draft}`;
const formOf = (name) => [...document.querySelectorAll("form[data-draft]")].find((form) => nameOf(form) === name);
const fieldsOf = (form) => [...form.elements].filter((field) => field.name && field.matches(TYPED));
const valueOf = ({ type, value, checked }) => (type === "checkbox" ? String(checked) : value);
const valuesOf = (form) => Object.fromEntries(fieldsOf(form).map((field) => [field.name, valueOf(field)]));
const same = (one, other) => Object.keys(one).every((name) => one[name] === other[name]);

// The values that the page came with, whatever has been typed since.
function cameWith(form) {
  const came = ({ type, defaultValue, defaultChecked }) => (type === "checkbox" ? String(defaultChecked) : defaultValue);
  return Object.fromEntries(fieldsOf(form).map((field) => [field.name, came(field)]));
}

// Puts the words of an earlier page into the fields; what has been typed here in the meantime stays as well.
function fill(form, words, base = valuesOf(form)) {
  for (const field of fieldsOf(form)) {
    const kept = words[field.name] ?? "", typed = valueOf(field);
    if (field.type === "checkbox") field.checked = kept === "true";
    else if (typed === base[field.name] || kept.includes(typed)) field.value = kept;
    else if (!typed.includes(kept)) field.value = [kept, typed].join(field.matches("textarea") ? "\n\n" : " ");
  }
  form.closest("details")?.setAttribute("open", "");
}

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
  draft.save = form.elements.save?.value; // words that are sent twice under one save id are saved once
  isAsked = false;
  draft.copy.keep();
}

// Whether the page that has written this draft is gone; then this page holds its lock.
function isLeft(id) {
  return new Promise((resolve) => {
    navigator.locks.request(id, { signal: AbortSignal.timeout(PATIENCE) }, () => {
      resolve(true);
      return new Promise((done) => { addEventListener("pagehide", done, { once: true }); });
    }).catch(() => resolve(false));
  });
}

// Brings back one draft at a time; further ones of pages that are gone come back after this one is sent.
async function bringBack(name, draft, owner, ids) {
  for (const id of ids) {
    const found = (await isLeft(`${owner} ${id}`)) && await draft.copy.other(id);
    const form = formOf(name);
    if (!found || !form) continue;
    if (!same(found.words, draft.base)) {
      fill(form, found.words, draft.base);
      if (found.save && form.elements.save) form.elements.save.value = found.save;
      changed(form);
      await draft.copy.keep("strict");
      tell(name, !same(found.base, draft.base));
    }
    await draft.copy.dropOther(id); // by now it is in this page's own copy, or the server has it
    if (draft.words) return;
  }
}

async function begin(form) {
  const { draft: kind, owner, key } = form.dataset;
  const name = nameOf(form), store = `${owner}.forms`, shared = `${encodeURIComponent(kind)} `;
  const id = shared + uuid();
  const draft = { base: cameWith(form), words: null, save: "", copy: new DraftWriter() };
  drafts.set(name, draft);
  changed(form); // what was typed before this script ran
  await draft.copy.find(id, store, key);
  await draft.copy.begin(() => draft.words && { words: draft.words, base: draft.base, save: draft.save });
  if (!draft.copy.isKept) return;
  isLeft(`${store} ${id}`);
  const ids = (await DraftStore.uids(store)).filter((one) => one !== id && one.startsWith(shared));
  await bringBack(name, draft, store, ids);
}

function found(root) {
  const forms = root.matches("form[data-draft]") ? [root] : root.querySelectorAll("form[data-draft]");
  for (const form of forms) {
    const draft = drafts.get(nameOf(form));
    if (!draft) begin(form);
    else if (!draft.words) draft.base = cameWith(form);
    else if (!same(draft.words, valuesOf(form))) {
      fill(form, draft.words);
      changed(form);
      // Not where the words have never left the page: they were refused, or typed while an earlier line was sent.
      if (form !== root && !form.querySelector("[aria-invalid]")) tell(nameOf(form), false);
    }
    delete form.dataset.key;
  }
}

// Another account is signed in: takes the writer's words off the page, if they are kept in this browser.
async function withdraw(form, draft) {
  await draft.copy.keep("strict");
  const { where, isKept } = draft.copy;
  if (isKept) {
    draft.copy.end();
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

// A draft ends only by the server's own answer. What was typed after it was sent stays a draft.
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
  const kept = draft.copy.keep("strict");
  if (!address) return;
  event.preventDefault(); // the next page would find the draft again
  Promise.race([kept, new Promise((resolve) => { setTimeout(resolve, PATIENCE); })]).then(() => location.assign(address));
}

// What is left of the words without those that were sent.
function rest(words, gone) {
  const after = ([name, value]) => [name, value.startsWith(gone[name]) ? value.slice(gone[name].length).trimStart() : value];
  return Object.fromEntries(Object.entries(words).map(after));
}

// Signing out is stopped once: the words stay here encrypted, and come back to their writer.
function leave(event) {
  const draft = [...drafts.values()].find(({ words }) => words);
  if (!draft || isAsked || !event.target.matches("[action='/logout']")) return;
  event.preventDefault();
  isAsked = true;
  announce(`What you typed is not sent yet. ${draft.copy.where} To go all the same, sign out once more.`);
}

document.addEventListener("input", ({ target }) => { if (target.form?.dataset.draft) changed(target.form); });
document.addEventListener("htmx:configRequest", sent);
document.addEventListener("htmx:beforeOnLoad", answered);
document.addEventListener("submit", leave);
document.addEventListener("htmx:load", ({ target }) => { if (target !== document.body) found(target); });
found(document.body);
