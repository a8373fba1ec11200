// Import pages: progress of the upload, which a file that is too large never begins, and what a job has come to.
import { say } from "./announce.js";

const CANT_FIT = "This file is larger than this site has room for.";
const CUT_OFF = "The upload was cut off. Nothing was kept; please try again.";

function uploadForm(target) {
  return target instanceof Element ? target.closest("form[data-upload]") : null;
}

function show(form, isUnderWay) {
  form.querySelector(".upload").hidden = !isUnderWay;
  form.querySelector(".actions").hidden = isUnderWay;
}

document.addEventListener("change", ({ target }) => {
  const form = uploadForm(target);
  if (!form || target.type !== "file") return;
  const size = target.files[0]?.size ?? 0;
  target.setCustomValidity(size > Number(form.dataset.room) ? CANT_FIT : "");
  target.reportValidity();
});

document.addEventListener("htmx:xhr:loadstart", ({ target }) => {
  const form = uploadForm(target);
  if (form) show(form, true);
});

document.addEventListener("htmx:xhr:progress", ({ target, detail }) => {
  const form = uploadForm(target);
  if (!form || !detail.lengthComputable || !detail.total) return;
  const share = Math.floor(detail.loaded / detail.total * 100);
  form.querySelector("progress").value = share;
  form.querySelector("[data-upload-words]").textContent =
    share < 100 ? `Uploading, ${share} %` : "Uploaded; one moment …";
});

document.addEventListener("htmx:afterRequest", ({ target, detail }) => {
  const form = uploadForm(target);
  if (!form) return;
  show(form, false);
  if (detail.xhr.status === 0 && !form.dataset.cancelled) say(CUT_OFF);
  delete form.dataset.cancelled;
});

document.addEventListener("click", ({ target }) => {
  const button = target instanceof Element && target.closest("[data-upload-cancel]");
  if (!button) return;
  const form = uploadForm(button);
  form.dataset.cancelled = "true";
  document.body.dispatchEvent(new CustomEvent("htmx:abort", { detail: {} })); // hx-sync keeps the request there
  say("The upload is cancelled.");
});

// The page of an import asks for its state every second; a new one is read out.
let state = "";
document.addEventListener("htmx:afterSettle", () => {
  const section = document.querySelector("#import");
  const next = section?.dataset.state ?? "";
  if (state && next && next !== state) say(section.querySelector("h2").textContent);
  state = next;
});
