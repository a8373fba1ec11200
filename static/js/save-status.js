// Save status: the line under the text that shows whether it is saved.
import { say } from "./announce.js";

export const line = document.querySelector("#saved");

export function show(text, isNews) {
  line.textContent = text;
  if (isNews) say(text);
}

// Reads a response: its whole sentence, and the reason for each refused field.
export function parse(xhr) {
  const { body } = new DOMParser().parseFromString(xhr.responseText, "text/html");
  const ofFields = [...body.querySelectorAll("[data-field]")].map((one) => [one.dataset.field, one.textContent]);
  return { sentence: body.textContent.trim(), reasons: Object.fromEntries(ofFields) };
}
