// To screen readers, after a moment: a region that changes together with the page around it is not read out.
export function say(sentence) {
  setTimeout(() => { document.querySelector("#said").textContent = sentence; }, 100);
}

// A line at the top of the page, and aloud; with a link if there is somewhere to go.
export function announce(sentence, ...rest) {
  const line = document.createElement("p");
  line.className = "notice";
  line.append(sentence, " ", ...rest);
  document.querySelector("#notice").append(line);
  say(sentence);
}

export function link(words, address, download) {
  const made = document.createElement("a");
  Object.assign(made, { textContent: words, href: address });
  if (download) made.download = download;
  return made;
}
