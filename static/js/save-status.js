// The line under the text, which says how it stands with the words.
import { say } from "./announce.js";

export const line = document.querySelector("#saved");

export function show(text, isNews) {
  line.textContent = text;
  if (isNews) say(text);
}

// The text of an answer: the whole sentence, and the reasons of single fields.
export function read(xhr) {
  const { body } = new DOMParser().parseFromString(xhr.responseText, "text/html");
  const ofFields = [...body.querySelectorAll("[data-field]")].map((one) => [one.dataset.field, one.textContent]);
  return { sentence: body.textContent.trim(), reasons: Object.fromEntries(ofFields) };
}
