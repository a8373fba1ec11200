// One copy in this browser: made with each key, and gone as soon as the server has the words.
import { DraftStore, isDurable } from "./draft-store.js";

export class DraftWriter {
  #uid = "";
  #unsaved = () => null; // what there is to keep
  #found = null; // the copies, which are left alone until what they hold has been looked at
  #copies = null;
  #isBroken = false;
  #writing = null;
  #isStale = false;
  #durability = "relaxed";

  get isKept() {
    return this.#copies !== null && !this.#isBroken;
  }

  // A sentence for the writer. "Kept" is said only where the browser has granted persistent storage.
  get where() {
    if (!this.isKept) return "This browser keeps no copy of it: please leave the page open.";
    return isDurable() ? "Kept on this device." : "Stored in this browser for now, but the browser may clear it.";
  }

  // What an earlier page has left behind under that id, if anything.
  async find(uid, owner, key) {
    this.#uid = uid;
    try {
      this.#found = await DraftStore.of(owner, key);
      return await this.#found.get(uid);
    } catch {
      this.#isBroken = true; // not on a plain line, nor in every private window
      return undefined;
    }
  }

  // From now on, whatever `source` says is kept; null for nothing.
  begin(source) {
    this.#copies = this.#found;
    this.#unsaved = source;
    return this.keep();
  }

  // DraftStore that pages which are gone have left.
  other(uid) {
    return this.#copies.get(uid);
  }

  dropOther(uid) {
    return this.#copies.drop(uid);
  }

  // Keeps nothing from now on, as the page's words are no longer its writer's.
  end() {
    this.#copies = null;
    this.#unsaved = () => null;
  }

  // Brings the copy up to date; resolves when it is. Calls in quick succession share a write.
  keep(wanted = "relaxed") {
    this.#guard();
    if (!this.#copies) return Promise.resolve();
    if (wanted === "strict") this.#durability = wanted;
    this.#isStale = true;
    return this.#writing ??= this.#written(this.#copies, this.#unsaved);
  }

  // To the end even if the page is another's meanwhile: what was typed before that is to be kept.
  async #written(copies, source) {
    try {
      while (this.#isStale) {
        this.#isStale = false;
        const copy = source();
        const durability = this.#durability;
        this.#durability = "relaxed";
        await (copy ? copies.put(this.#uid, copy, durability) : copies.drop(this.#uid));
      }
      this.#isBroken = false;
    } catch {
      this.#isBroken = true; // full, or forbidden
    }
    this.#writing = null;
    this.#guard();
  }

  // Only words that are nowhere else are worth a question of the browser's.
  #guard() {
    if (this.isKept || !this.#unsaved()) removeEventListener("beforeunload", this.#warn);
    else addEventListener("beforeunload", this.#warn);
  }

  #warn = (event) => {
    event.preventDefault();
  };
}
