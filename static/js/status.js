// The line under the text, which says how it stands with the words.
import { say } from "./speaking.js";

export const line = document.querySelector("#saved");

export function show(text, isNews) {
  line.textContent = text;
  if (isNews) say(text);
}

// Of an answer that has one.
export function sentence(xhr) {
  return new DOMParser().parseFromString(xhr.responseText, "text/html").body.textContent.trim();
}
