// What is written in the editor: the fields that are saved, and their words in one row.
export const form = document.querySelector("#editor");
export const fields = form.elements;
export const NAMES = ["title", "body", "day", "time", "zone", "tags", "mood"].filter((name) => fields[name]);

export const words = () => NAMES.map((name) => fields[name].value);
export const values = (list) => Object.fromEntries(NAMES.map((name, at) => [name, list[at]]));
export const same = (one, other, names = NAMES) => names.every((name) => (one[name] ?? "") === (other[name] ?? ""));
