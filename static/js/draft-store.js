// Draft store: unsaved text in IndexedDB, encrypted with AES-GCM.
//
// The key belongs to the writer and comes with the writer's own pages, so nobody can read the drafts after sign-out.
const STORE = "copies";

// This cookie says that the store holds unsaved text. A browser that evicts a site's storage leaves its cookies, so a
// page that finds the cookie and an empty store knows about the eviction. Each port has a cookie of its own.
const cookieOf = (owner) => `unsent${location.port}-${owner}`;

function setCookie(owner, isThere) {
  if (document.cookie.includes(`${cookieOf(owner)}=`) !== isThere) document.cookie = `${cookieOf(owner)}=1; path=/; samesite=strict; max-age=${isThere ? 31_536_000 : 0}`;
}

let isPersistent = false;
let asking = null;
// Whether the browser has granted persistent storage.
export const isDurable = () => isPersistent;

async function ask() {
  isPersistent = Boolean(await navigator.storage?.persist?.());
}

function result(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function database() {
  const request = indexedDB.open("journal", 1);
  request.onupgradeneeded = () => request.result.createObjectStore(STORE);
  return result(request);
}

export class DraftStore {
  // `key` is 32 bytes in base64. Rejects if the browser lacks IndexedDB or Web Crypto.
  static async open(owner, key) {
    const bytes = Uint8Array.from(atob(key), (letter) => letter.charCodeAt(0));
    const cryptoKey = await crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["encrypt", "decrypt"]);
    return new DraftStore(await database(), owner, cryptoKey);
  }

  // The ids of an owner's drafts; needs no key.
  static async ids(owner) {
    const store = (await database()).transaction(STORE).objectStore(STORE);
    return (await result(store.getAllKeys())).filter((key) => key[0] === owner).map((key) => key[1]);
  }

  // Whether the browser has evicted drafts; true only once for each eviction.
  static async wasEvicted(owner) {
    if (!document.cookie.includes(`${cookieOf(owner)}=`) || (await DraftStore.ids(owner)).length) return false;
    setCookie(owner, false);
    return true;
  }

  constructor(db, owner, key) {
    Object.assign(this, { db, owner, key });
  }

  // A write with "strict" durability has reached the disk when it returns; a "relaxed" one survives a crash of the
  // browser, but not a power cut.
  async put(id, draft, durability) {
    asking ??= ask().catch(() => {});
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const text = new TextEncoder().encode(JSON.stringify(draft));
    const data = await crypto.subtle.encrypt(this.#cipher(id, iv), this.key, text);
    await this.#write((store) => store.put({ iv, data }, [this.owner, id]), durability);
    setCookie(this.owner, true);
  }

  // Undefined if there is no draft, or this key can't decrypt it.
  async get(id) {
    const sealed = await result(this.db.transaction(STORE).objectStore(STORE).get([this.owner, id]));
    if (!sealed) return undefined;
    const text = await crypto.subtle.decrypt(this.#cipher(id, sealed.iv), this.key, sealed.data).catch(() => null);
    return text ? JSON.parse(new TextDecoder().decode(text)) : undefined;
  }

  async delete(id) {
    await this.#write((store) => store.delete([this.owner, id]), "relaxed");
    if (!(await DraftStore.ids(this.owner)).length) setCookie(this.owner, false);
  }

  #cipher(id, iv) {
    return { name: "AES-GCM", iv, additionalData: new TextEncoder().encode(`${this.owner} ${id}`) };
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
