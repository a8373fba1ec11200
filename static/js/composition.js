// Input methods (IME). A phone's keyboard keeps a composition open on every word and only underlines it; one for
// Japanese or Chinese waits for a choice. A key that such a choice takes has keyCode 229, in Safari without
// isComposing and right after compositionend. The page handles every other key, also in the middle of a composition.
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

// Whether a composed text waits for a choice.
export const waits = (composed) => CHOICE.test(composed);

// Whether a key is the input method's and not the page's.
export function isTaken({ keyCode, isComposing, timeStamp }) {
  return keyCode === 229 || (waits(text) && (isComposing || timeStamp - ended < LATE));
}

// Ends a composition before a script changes the text of its field.
export function settle(field) {
  if (isOpen) field.blur();
}
