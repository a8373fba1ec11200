// Saves while its writer writes. The text is never replaced; only the version behind it moves on.
const editor = document.querySelector("#editor");
const PAUSE = 1200; // ms after the last key
let timer = 0;

function changed() {
  clearTimeout(timer);
  timer = setTimeout(() => save("auto"), PAUSE);
}

function save(kind) {
  editor.elements.kind.value = kind;
  htmx.trigger(editor, "save");
}

function sent(event) {
  // Each save has a mark of its own, so that the same one arriving twice counts once.
  event.detail.parameters.set?.("save", crypto.randomUUID());
}

function answered(event) {
  const version = event.detail.xhr.getResponseHeader("X-Version");
  if (event.detail.successful && version) editor.elements.version.value = version;
  editor.elements.kind.value = "manual";
}

if (editor) {
  editor.addEventListener("input", changed);
  editor.addEventListener("htmx:configRequest", sent);
  editor.addEventListener("htmx:afterRequest", answered);
}
