// Words that an earlier page could not send: sent now, whatever page this is, and said.
import { DraftStore } from "./draft-store.js";
import { announce, link } from "./announce.js";

const MINUTES = 120_000; // ms between two tries of a save that too often got no answer

const { owner } = document.body.dataset;
const open = document.querySelector("#editor")?.getAttribute("action").split("/").pop();

async function sent(uid, fields) {
  const body = new URLSearchParams(fields);
  const answer = await fetch(`/entries/${uid}`, { method: "PUT", body, headers: { "HX-Request": "true" } });
  const isSaved = answer.ok && answer.headers.has("X-Version");
  const isRefused = answer.status >= 400 && answer.status < 500 && answer.status !== 429;
  return { isSaved, isRefused, isPartial: answer.headers.has("X-Refused") };
}

// The save that was under way exactly as it was, then what was written after it.
async function deliver(copies, uid) {
  const copy = await copies.get(uid);
  if (!copy) return;
  const { sending, words, until } = copy;
  if (until > Date.now()) return;
  if (until) await copies.put(uid, { ...copy, until: Date.now() + MINUTES }, "strict");
  const saves = sending ? [sending] : [];
  if (!sending || Object.keys(words).some((name) => words[name] !== sending[name])) {
    // Under the mark that was meant for it: the page may have sent these very words on its way out.
    const fields = { version: copy.version, owner, partial: "yes", save: copy.next, kind: "leave" };
    saves.push({ ...words, ...fields, after: sending?.save ?? copy.after });
  }
  let answer;
  for (const save of saves) {
    answer = await sent(uid, save);
    if (!answer.isSaved) break;
  }
  if (answer.isRefused || answer.isPartial) {
    return announce("Words kept on this device need you.", link("Open them", `/entries/new?entry=${uid}`));
  }
  if (!answer.isSaved) return;
  await copies.drop(uid);
  announce("Words kept on this device are saved now.", link("Read them", `/entries/${uid}`));
}

const PATIENCE = 3000; // ms that a page takes at most to go

for (const kind of [owner, `${owner}.forms`]) {
  if (await DraftStore.areCleared(kind)) {
    announce("Your browser has cleared what you had typed here and not sent yet. It can’t be brought back.");
  }
}

const uids = (await DraftStore.uids(owner)).filter((uid) => uid !== open);
if (uids.length) {
  const key = await fetch("/copies/key", { redirect: "error" });
  const copies = await DraftStore.of(owner, await key.text());
  for (const uid of uids) {
    // Not while a tab has the entry open, which sees to it by itself.
    await navigator.locks.request(uid, { signal: AbortSignal.timeout(PATIENCE) }, () => deliver(copies, uid)).catch(() => {});
  }
}
