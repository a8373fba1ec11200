// Editor: connects the autosave (saving.js) with the page: input, keys, leaving, drafts and other tabs.
import { choices } from "./save-responses.js";
import { fields, form, same, values } from "./editor-fields.js";
import { draft } from "./local-draft.js";
import { changed, hasUnsent, isUnsaved, newSave, restore, save, state, unsaved } from "./saving.js";
import { announce, say } from "./announce.js";
import { acquire, takeOver } from "./tab-lock.js";

const HURRY = 2000; // ms that leaving the page waits for the save
const uid = form.getAttribute("action").split("/").pop();

form.addEventListener("input", changed);
form.addEventListener("input", () => {
  if (location.pathname !== "/entries/new") return;
  const here = new URL(location);
  here.searchParams.set("entry", uid); // so that a reload finds the draft
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

// Leaving the page

// Saves before a link or a sign-out. If the save fails, a link is followed all the same, since the draft is stored;
// a sign-out has to be confirmed.
function saveFirst(event, leave, isLogout = false) {
  if (state.leave || !isUnsaved() || state.isPaused || (state.sending && !navigator.onLine && !isLogout)) return;
  if (isLogout && state.isLogout) return;
  event.preventDefault();
  Object.assign(state, { leave, isLogout });
  // A conflict or a sign-in dialog clears state.leave: then the writer stays and decides.
  if (!isLogout && draft.isKept) setTimeout(() => state.leave === leave && leave(), HURRY);
  save("leave");
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href]");
  if (!link || link.target || link.hash || link.download) return;
  if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.defaultPrevented) return;
  saveFirst(event, () => location.assign(link.href));
});
document.addEventListener("submit", (event) => {
  if (event.target.matches("[action='/logout']")) saveFirst(event, () => event.target.submit(), true);
});

// Sends the last text with keepalive while the page closes. If it doesn't arrive, the draft is still there.
addEventListener("pagehide", ({ persisted }) => {
  if (state.isClosed || !hasUnsent()) return hide(persisted);
  const now = values();
  const { sending, lost } = state;
  if (lost && same(now, lost)) return hide(persisted);
  const late = sending && same(now, sending) ? sending : newSave("leave");
  if (sending && late !== sending) late.after = sending.save;
  const body = new URLSearchParams(late);
  fetch(form.action, { method: "PUT", body, keepalive: true, headers: { "HX-Request": "true" } }).catch(() => {});
  hide(persisted);
});

// A page in the back/forward cache may be shown to somebody else, so its text is hidden and the page reloads.
function hide(persisted) {
  if (persisted && (draft.isKept || !isUnsaved())) form.hidden = true;
}
addEventListener("pageshow", ({ persisted }) => {
  if (persisted && form.hidden) location.reload();
});
document.addEventListener("visibilitychange", () => {
  if (document.hidden && hasUnsent() && !state.sending && !state.isPaused) save("auto");
});
addEventListener("online", () => {
  if (state.sending && !state.isPaused) save("auto");
});

// Other tabs

// Gives the lock to another tab: saves, stops writing the draft and makes the fields read-only.
async function release(isStolen) {
  if (isStolen) draft.stop(); // the other tab already writes the draft
  if (isUnsaved() && !state.isPaused) await saveSoon();
  state.isClosed = true;
  draft.stop();
  for (const field of fields) {
    if (field.matches("textarea, input:not([type=radio])")) field.readOnly = true;
    else field.disabled = true;
  }
  reveal("#elsewhere");
}

// Shows a hidden notice. Its text is in attributes, because text browsers show hidden elements.
function reveal(id) {
  const notice = document.querySelector(id);
  if (!notice.hidden) return;
  for (const part of [notice, ...notice.children]) part.prepend(part.dataset.text);
  notice.hidden = false;
  say(notice.textContent);
}

// Saves within the time for which the other tab waits.
function saveSoon() {
  return new Promise((resolve) => {
    Object.assign(state, { leave: resolve, isLogout: false });
    setTimeout(resolve, HURRY);
    save("leave");
  });
}

document.querySelector("#elsewhere button").addEventListener("click", () => takeOver(uid));

// Offers a new entry when the day has changed since the page was opened.
function checkMidnight() {
  const { today, midnight } = form.dataset;
  if (fields.day.value !== today || Date.now() < midnight * 1000) return;
  reveal("#midnight");
}
setInterval(checkMidnight, 60_000); // ms
document.addEventListener("visibilitychange", checkMidnight);

// Start

// The value of a field in the HTML, whatever has been typed since.
function initial(field) {
  if (field instanceof RadioNodeList) return [...field].find((radio) => radio.defaultChecked)?.value ?? "";
  if (!field.options) return field.defaultValue;
  return [...field.options].find((option) => option.defaultSelected)?.value ?? "";
}

// Compares with the HTML, so input from before this script ran counts as unsaved. With data-unsaved nothing on the
// page is saved: its text came back with an error or through a sign-in.
async function begin() {
  state.saved = "unsaved" in form.dataset ? null : Object.keys(values()).map((name) => initial(fields[name]));
  const { body } = fields;
  if (!body.selectionEnd) body.setSelectionRange(body.value.length, body.value.length);
  changed();
  const isMine = await acquire(uid, release, () => state.isClosed && location.reload());
  if (!isMine && !isUnsaved()) return release();
  const kept = await draft.load(uid, fields.owner.value, form.dataset.key);
  while (state.sending) { // its response must not be taken for the response to the draft
    await new Promise((resolve) => { form.addEventListener("htmx:afterRequest", resolve, { once: true }); });
  }
  const isBack = Boolean(kept) && (isUnsaved() || !same(values(), kept.words));
  if (isBack) restore(kept);
  delete form.dataset.key;
  await draft.start(unsaved);
  if (isBack) {
    announce("Words that were kept on this device are back.");
    save("auto");
  } else changed();
  form.dataset.ready = "";
}

begin();
