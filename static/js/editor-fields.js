// Editor fields: the form of the editor, the fields that a save sends, and their values.
export const form = document.querySelector("#editor");
export const fields = form.elements;
export const NAMES = ["title", "body", "day", "time", "zone", "tags", "mood"].filter((name) => fields[name]);

export const valueList = () => NAMES.map((name) => fields[name].value);
export const byName = (list) => Object.fromEntries(NAMES.map((name, at) => [name, list[at]]));
export const values = () => byName(valueList());
export const same = (one, other, names = NAMES) => names.every((name) => (one[name] ?? "") === (other[name] ?? ""));
