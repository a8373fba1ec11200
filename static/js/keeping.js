// The copy in this browser of the entry that is written here.
import { LocalCopy } from "./local-copy.js";

const copy = new LocalCopy();

export const isKept = () => copy.isKept;
export const where = () => copy.where;
export const find = (uid, owner, key) => copy.find(uid, owner, key);
export const begin = (source) => copy.begin(source);
export const end = () => copy.end();
export const keep = (durability) => copy.keep(durability);
