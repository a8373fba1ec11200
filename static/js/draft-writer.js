// Draft writer: keeps one draft in the store up to date, from each key press until the server has saved it.
import { DraftStore, isDurable } from "./draft-store.js";

export class DraftWriter {
  #id = "";
  #source = () => null; // returns the draft, or null if everything is saved
  #loaded = null; // the store, which nothing is written to before start()
  #store = null;
  #isBroken = false;
  #writing = null;
  #isStale = false;
  #durability = "relaxed";

  get isKept() {
    return this.#store !== null && !this.#isBroken;
  }

  // Tells the writer where the unsaved text is. It says "Kept" only if the browser has granted persistent storage.
  get where() {
    if (!this.isKept) return "This browser keeps no copy of it: please leave the page open.";
    return isDurable() ? "Kept on this device." : "Stored in this browser for now, but the browser may clear it.";
  }

  // Loads the draft that an earlier page has left under this id.
  async load(id, owner, key) {
    this.#id = id;
    try {
      this.#loaded = await DraftStore.open(owner, key);
      return await this.#loaded.get(id);
    } catch {
      this.#isBroken = true; // plain http, and some private windows
      return undefined;
    }
  }

  // Starts writing whatever `source` returns.
  start(source) {
    this.#store = this.#loaded;
    this.#source = source;
    return this.keep();
  }

  // Drafts of other pages.
  other(id) {
    return this.#store.get(id);
  }

  deleteOther(id) {
    return this.#store.delete(id);
  }

  // Stops writing: another tab or another account has the page's text now.
  stop() {
    this.#store = null;
    this.#source = () => null;
  }

  // Writes the draft; resolves when it is stored. Calls in quick succession share one write.
  keep(wanted = "relaxed") {
    this.#guard();
    if (!this.#store) return Promise.resolve();
    if (wanted === "strict") this.#durability = wanted;
    this.#isStale = true;
    return this.#writing ??= this.#write(this.#store, this.#source);
  }

  // Takes store and source as arguments, so a write that has begun is finished even after stop().
  async #write(store, source) {
    try {
      while (this.#isStale) {
        this.#isStale = false;
        const draft = source();
        const durability = this.#durability;
        this.#durability = "relaxed";
        await (draft ? store.put(this.#id, draft, durability) : store.delete(this.#id));
      }
      this.#isBroken = false;
    } catch {
      this.#isBroken = true; // quota exceeded, or storage not allowed
    }
    this.#writing = null;
    this.#guard();
  }

  // The browser asks before the page is closed, but only while there is unsaved text that is not stored.
  #guard() {
    if (this.isKept || !this.#source()) removeEventListener("beforeunload", this.#warn);
    else addEventListener("beforeunload", this.#warn);
  }

  #warn = (event) => {
    event.preventDefault();
  };
}
