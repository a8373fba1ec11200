// Words that the server does not have yet, kept in this browser: sealed with a key of their writer's own, which
// only a page of theirs is given, so that nobody reads them here once they have signed out.
const STORE = "copies";

// A browser that clears a site's storage leaves its cookies. This cookie says that there are unsent words here, so that
// a page whose store is empty knows that they were cleared. It holds no word, and each port has a cookie of its own.
const nameOf = (owner) => `unsent${location.port}-${owner}`;

function setCookie(owner, isThere) {
  if (document.cookie.includes(`${nameOf(owner)}=`) !== isThere) document.cookie = `${nameOf(owner)}=1; path=/; samesite=strict; max-age=${isThere ? 31_536_000 : 0}`;
}

// Whether the browser has granted persistent storage.
let isPromised = false;
let asking = null;
export const isDurable = () => isPromised;

async function ask() {
  isPromised = Boolean(await navigator.storage?.persist?.());
}

function answered(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function opened() {
  const request = indexedDB.open("journal", 1);
  request.onupgradeneeded = () => request.result.createObjectStore(STORE);
  return answered(request);
}

export class DraftStore {
  // `key` is 32 bytes in base64. Rejects where a browser has no such storage, or no such ciphers.
  static async of(owner, key) {
    const bytes = Uint8Array.from(atob(key), (letter) => letter.charCodeAt(0));
    const sealing = await crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["encrypt", "decrypt"]);
    return new DraftStore(await opened(), owner, sealing);
  }

  // The entries of which there is a copy; needs no key.
  static async uids(owner) {
    const store = (await opened()).transaction(STORE).objectStore(STORE);
    return (await answered(store.getAllKeys())).filter((key) => key[0] === owner).map((key) => key[1]);
  }

  // Whether there were copies, and the browser has cleared them; true once.
  static async areCleared(owner) {
    if (!document.cookie.includes(`${nameOf(owner)}=`) || (await DraftStore.uids(owner)).length) return false;
    setCookie(owner, false);
    return true;
  }

  constructor(db, owner, key) {
    Object.assign(this, { db, owner, key });
  }

  // A "strict" write has reached the disk when it returns, a "relaxed" one outlives the browser, not the battery.
  async put(uid, copy, durability) {
    asking ??= ask().catch(() => {});
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const text = new TextEncoder().encode(JSON.stringify(copy));
    const data = await crypto.subtle.encrypt(this.#cipher(uid, iv), this.key, text);
    await this.#write((store) => store.put({ iv, data }, [this.owner, uid]), durability);
    setCookie(this.owner, true);
  }

  // Undefined where there is none, or none that this key opens.
  async get(uid) {
    const sealed = await answered(this.db.transaction(STORE).objectStore(STORE).get([this.owner, uid]));
    if (!sealed) return undefined;
    const text = await crypto.subtle.decrypt(this.#cipher(uid, sealed.iv), this.key, sealed.data).catch(() => null);
    return text ? JSON.parse(new TextDecoder().decode(text)) : undefined;
  }

  async drop(uid) {
    await this.#write((store) => store.delete([this.owner, uid]), "relaxed");
    if (!(await DraftStore.uids(this.owner)).length) setCookie(this.owner, false);
  }

  #cipher(uid, iv) {
    return { name: "AES-GCM", iv, additionalData: new TextEncoder().encode(`${this.owner} ${uid}`) };
  }

  #write(change, durability) {
    return new Promise((resolve, reject) => {
      const transaction = this.db.transaction(STORE, "readwrite", { durability });
      transaction.oncomplete = resolve;
      transaction.onerror = transaction.onabort = () => reject(transaction.error);
      change(transaction.objectStore(STORE));
    });
  }
}
