// Searching as one types: what htmx alone can't know.
import { say } from "./speaking.js";

const titled = () => document.querySelector("#q").value.slice(0, 60).replace(/.+/, "$& · ");
const isField = (element) => element.id === "q" && element.form?.matches(".search");

// A word that is being composed is nothing to look for yet.
document.addEventListener("input", (event) => {
  if (event.isComposing && isField(event.target)) event.stopPropagation();
}, true);
document.addEventListener("compositionend", ({ target }) => {
  if (isField(target)) target.dispatchEvent(new InputEvent("input", { bubbles: true }));
});

document.addEventListener("htmx:afterSettle", ({ target }) => {
  if (!["results", "list"].includes(target.id)) return;
  if (target.id === "results") document.title = document.title.replace(/^(.* · )?(?=Search · )/, titled);
  const told = target.querySelector(".notice, .count, .empty");
  if (told) say(told.textContent.trim());
});
