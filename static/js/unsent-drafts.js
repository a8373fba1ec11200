// Unsent drafts: sends drafts that an earlier page could not send, and tells the writer. Loaded by page.js on demand.
import { DraftStore } from "./draft-store.js";
import { announce, link } from "./announce.js";

const MINUTES = 120_000; // ms between two tries of a save that too often got no response
const PATIENCE = 3000; // ms to wait for the lock of an entry, whose page may be closing

const { owner } = document.body.dataset;
const open = document.querySelector("#editor")?.getAttribute("action").split("/").pop();

async function send(uid, fields) {
  const body = new URLSearchParams(fields);
  const answer = await fetch(`/entries/${uid}`, { method: "PUT", body, headers: { "HX-Request": "true" } });
  const isSaved = answer.ok && answer.headers.has("X-Version");
  const isRefused = answer.status >= 400 && answer.status < 500 && answer.status !== 429;
  return { isSaved, isRefused, isPartial: answer.headers.has("X-Refused") };
}

// Sends the save that was in flight exactly as it was, then whatever was typed after it.
async function deliver(store, uid) {
  const draft = await store.get(uid);
  if (!draft) return;
  const { sending, words, until } = draft;
  if (until > Date.now()) return;
  if (until) await store.put(uid, { ...draft, until: Date.now() + MINUTES }, "strict");
  const saves = sending ? [sending] : [];
  if (!sending || Object.keys(words).some((name) => words[name] !== sending[name])) {
    // The save id that the page had reserved: it may have sent this very text while it was closing.
    const fields = { version: draft.version, owner, partial: "yes", save: draft.next, kind: "leave" };
    saves.push({ ...words, ...fields, after: sending?.save ?? draft.after });
  }
  let answer;
  for (const save of saves) {
    answer = await send(uid, save);
    if (!answer.isSaved) break;
  }
  if (answer.isRefused || answer.isPartial) {
    return announce("Words kept on this device need you.", link("Open them", `/entries/new?entry=${uid}`));
  }
  if (!answer.isSaved) return;
  await store.delete(uid);
  announce("Words kept on this device are saved now.", link("Read them", `/entries/${uid}`));
}

for (const kind of [owner, `${owner}.forms`]) {
  if (await DraftStore.wasEvicted(kind)) {
    announce("Your browser has cleared what you had typed here and not sent yet. It can’t be brought back.");
  }
}

const uids = (await DraftStore.ids(owner)).filter((uid) => uid !== open);
if (uids.length) {
  const key = await fetch("/copies/key", { redirect: "error" });
  const store = await DraftStore.open(owner, await key.text());
  for (const uid of uids) {
    // An entry that is open in a tab is locked, and that tab sends its draft by itself.
    await navigator.locks.request(uid, { signal: AbortSignal.timeout(PATIENCE) }, () => deliver(store, uid)).catch(() => {});
  }
}
