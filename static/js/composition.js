// Composition (input methods, IME): tells apart a key that the input method uses and a key for the page.
//
// The keyboard of a phone keeps a composition open on every word and only underlines it. An input method for Japanese
// or Chinese waits until its user picks a candidate, and uses keys like Enter for that. Such a key has keyCode 229;
// in Safari it arrives right after compositionend, without isComposing. The page handles every other key, also while
// a composition is open.
const CANDIDATES = /[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Bopo}]/u;
const LATE = 50; // ms after compositionend in which the key that ended it may arrive

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

// Whether the input method will ask its user to pick a candidate for this composed text.
export const hasCandidates = (composed) => CANDIDATES.test(composed);

// Whether the input method uses this key, so that the page must ignore it.
export function isImeKey({ keyCode, isComposing, timeStamp }) {
  return keyCode === 229 || (hasCandidates(text) && (isComposing || timeStamp - ended < LATE));
}

// Ends an open composition before a script changes the text of its field.
export function endComposition(field) {
  if (isOpen) field.blur();
}
