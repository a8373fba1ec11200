// Live search: waits for input methods, and updates title and live region with the results.
import { hasCandidates } from "./composition.js";
import { say } from "./announce.js";

const REST = 600; // ms after the last key of an IME composition
let due = 0;

const titled = () => document.querySelector("#q").value.slice(0, 60).replace(/.+/, "$& · ");
const isField = (element) => element.id === "q" && element.form?.matches(".search");

// Holds back the input events of a composition: searches after a longer pause, or once a candidate was picked.
document.addEventListener("input", (event) => {
  if (!isField(event.target)) return;
  clearTimeout(due);
  if (!event.isComposing) return;
  event.stopPropagation();
  if (!hasCandidates(event.data)) due = setTimeout(look, REST, event.target);
}, true);
document.addEventListener("compositionend", ({ target }) => {
  if (isField(target)) look(target);
});

function look(field) {
  field.dispatchEvent(new InputEvent("input", { bubbles: true }));
}

document.addEventListener("htmx:afterSettle", ({ target }) => {
  if (!["results", "list"].includes(target.id)) return;
  if (target.id === "results") document.title = document.title.replace(/^(.* · )?(?=Search · )/, titled);
  const told = target.querySelector(".notice, .count, .empty");
  if (told) say(told.textContent.trim());
});
