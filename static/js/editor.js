// Hands and keys on the editor, and the ways in and out of it.
import { choices } from "./save-responses.js";
import { fields, form, same, values, words } from "./editor-fields.js";
import { draft } from "./local-draft.js";
import { adopt, changed, copy, hasNews, isUnsaved, made, save, state } from "./saving.js";
import { announce, say } from "./announce.js";
import { acquire, takeOver } from "./tab-lock.js";

const HURRY = 2000; // ms that a link waits for the save before it
const MINUTE = 60_000; // ms
const uid = form.getAttribute("action").split("/").pop();

form.addEventListener("input", changed);
form.addEventListener("input", () => {
  if (location.pathname !== "/entries/new") return;
  const here = new URL(location);
  here.searchParams.set("entry", uid); // so that a reload finds what is kept of it
  history.replaceState(history.state, "", here);
}, { once: true });
form.addEventListener("compositionend", changed);
form.addEventListener("submit", (event) => {
  event.preventDefault();
  save("manual");
});
form.addEventListener("click", ({ target }) => choices[target.dataset.choose]?.());

fields.day.addEventListener("change", () => {
  const day = fields.day.valueAsDate?.toLocaleDateString("en-GB", { dateStyle: "full", timeZone: "UTC" });
  if (day) document.querySelector("#when").textContent = day;
});

document.addEventListener("keydown", (event) => {
  if (document.querySelector("dialog[open]")) return;
  if (!(event.ctrlKey || event.metaKey) || event.altKey || !["s", "Enter"].includes(event.key)) return;
  event.preventDefault();
  save("manual");
});

// Leaving

// What leads away saves first; if that fails, the copy here is enough, but signing out asks once more.
function depart(event, way, isAsking = false) {
  if (state.leave || !isUnsaved() || state.isPaused || (state.sending && !navigator.onLine && !isAsking)) return;
  if (isAsking && state.isAsking) return;
  event.preventDefault();
  Object.assign(state, { leave: way, isAsking });
  // Unless there is something to be answered here: another version, or who is signed in.
  if (!isAsking && draft.isKept) setTimeout(() => state.leave === way && way(), HURRY);
  save("leave");
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href]");
  if (!link || link.target || link.hash || link.download) return;
  if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.defaultPrevented) return;
  depart(event, () => location.assign(link.href));
});
document.addEventListener("submit", (event) => {
  if (event.target.matches("[action='/logout']")) depart(event, () => event.target.submit(), true);
});

// The last words may still arrive: a bonus, as the copy here brings them back in any case.
addEventListener("pagehide", ({ persisted }) => {
  if (state.isOver || !hasNews()) return hide(persisted);
  const now = values(words());
  const { sending, lost } = state;
  if (lost && same(now, lost)) return hide(persisted);
  const late = sending && same(now, sending) ? sending : made("leave");
  if (sending && late !== sending) late.after = sending.save;
  const body = new URLSearchParams(late);
  fetch(form.action, { method: "PUT", body, keepalive: true, headers: { "HX-Request": "true" } }).catch(() => {});
  hide(persisted);
});

// A page that is put aside may be looked at by somebody else when it comes back: then it begins again.
function hide(persisted) {
  if (persisted && (draft.isKept || !isUnsaved())) form.hidden = true;
}
addEventListener("pageshow", ({ persisted }) => {
  if (persisted && form.hidden) location.reload();
});
document.addEventListener("visibilitychange", () => {
  if (document.hidden && hasNews() && !state.sending && !state.isPaused) save("auto");
});
addEventListener("online", () => {
  if (state.sending && !state.isPaused) save("auto");
});

// Other tabs, other days

async function read(isTaken) {
  if (isTaken) draft.end(); // the copy is the other tab's already
  if (isUnsaved() && !state.isPaused) await handed();
  state.isOver = true;
  draft.end(); // the copy is the other tab's now
  for (const field of fields) {
    if (field.matches("textarea, input:not([type=radio])")) field.readOnly = true;
    else field.disabled = true;
  }
  reveal("#elsewhere");
}

// The words of a hidden notice stand in attributes, since text browsers show elements that are hidden.
function reveal(id) {
  const notice = document.querySelector(id);
  if (!notice.hidden) return;
  for (const part of [notice, ...notice.children]) part.prepend(part.dataset.text);
  notice.hidden = false;
  say(notice.textContent);
}

// Saves what there is, within the time that the other tab waits.
function handed() {
  return new Promise((resolve) => {
    Object.assign(state, { leave: resolve, isAsking: false });
    setTimeout(resolve, HURRY);
    save("leave");
  });
}

document.querySelector("#elsewhere button").addEventListener("click", () => takeOver(uid));

function lookAtTheClock() {
  const { today, midnight } = form.dataset;
  if (fields.day.value !== today || Date.now() < midnight * 1000) return;
  reveal("#midnight");
}
setInterval(lookAtTheClock, MINUTE);
document.addEventListener("visibilitychange", lookAtTheClock);

// What the page came with.
function first(field) {
  if (field instanceof RadioNodeList) return [...field].find((radio) => radio.defaultChecked)?.value ?? "";
  if (!field.options) return field.defaultValue;
  return [...field.options].find((option) => option.defaultSelected)?.value ?? "";
}

// What was typed before this script ran counts. A page that came back with its words is not saved at all.
async function begin() {
  state.saved = "unsaved" in form.dataset ? null : Object.keys(values(words())).map((name) => first(fields[name]));
  const { body } = fields;
  if (!body.selectionEnd) body.setSelectionRange(body.value.length, body.value.length);
  changed();
  const isMine = await acquire(uid, read, () => state.isOver && location.reload());
  if (!isMine && !isUnsaved()) return read();
  const kept = await draft.find(uid, fields.owner.value, form.dataset.key);
  while (state.sending) { // a quick hand's; its answer must not be taken for that of what was kept
    await new Promise((resolve) => { form.addEventListener("htmx:afterRequest", resolve, { once: true }); });
  }
  const isBack = Boolean(kept) && (isUnsaved() || !same(values(words()), kept.words));
  if (isBack) adopt(kept);
  delete form.dataset.key;
  await draft.begin(copy);
  if (isBack) {
    announce("Words that were kept on this device are back.");
    save("auto");
  } else changed();
  form.dataset.ready = "";
}

begin();
