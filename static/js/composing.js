// Input methods (IME). A phone's keyboard keeps a composition open on every word and only underlines it; one for
// Japanese or Chinese waits for a choice. A key that such a choice takes has keyCode 229, in Safari without
// isComposing and right after compositionend. Every other key is the page's, also in the middle of a composition.
const CHOICE = /[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Bopo}]/u;
const LATE = 50; // ms in which the key that made the choice may arrive after it

let text = "";
let ended = -LATE;
let isOpen = false;

for (const sign of ["compositionstart", "compositionupdate", "compositionend"]) {
  document.addEventListener(sign, ({ type, data, timeStamp }) => {
    text = data || text;
    isOpen = type !== "compositionend";
    ended = timeStamp;
  }, true);
}

// Whether such a text is one to choose from.
export const waits = (composed) => CHOICE.test(composed);

// Whether a key is the input method's and not the page's.
export function isTaken({ keyCode, isComposing, timeStamp }) {
  return keyCode === 229 || (waits(text) && (isComposing || timeStamp - ended < LATE));
}

// Before a script changes a text: what is composed in it becomes a part of it.
export function settle(field) {
  if (isOpen) field.blur();
}
