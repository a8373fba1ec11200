// Announcements: ARIA live region for screen readers, and notices at the top of the page.

// The delay matters: screen readers ignore a live region that changes together with the page around it.
export function say(sentence) {
  setTimeout(() => { document.querySelector("#said").textContent = sentence; }, 100);
}

// Adds a notice to the page and reads it out; `rest` are links or buttons.
export function announce(sentence, ...rest) {
  const notice = document.createElement("p");
  notice.className = "notice";
  notice.append(sentence, " ", ...rest);
  document.querySelector("#notice").append(notice);
  say(sentence);
}

export function link(text, address, download) {
  const made = document.createElement("a");
  Object.assign(made, { textContent: text, href: address });
  if (download) made.download = download;
  return made;
}
