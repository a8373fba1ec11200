// Static files from this device, and a page of our own where there is no network. What people write never comes
// here. A new one waits until the pages of the old one are gone, so no page is ever disturbed by it.
const CACHE = `journal ${VERSION}`;
const OFFLINE = "/offline";

addEventListener("install", (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll([OFFLINE, ...FILES])));
});

addEventListener("activate", (event) => {
  const old = (name) => name.startsWith("journal ") && name !== CACHE;
  event.waitUntil(Promise.all([
    caches.keys().then((names) => Promise.all(names.filter(old).map((name) => caches.delete(name)))),
    registration.navigationPreload?.enable(),
  ]));
});

async function page(event) {
  try {
    const ahead = await event.preloadResponse; // Firefox makes an answer of a failure as well
    return ahead && ahead.type !== "error" ? ahead : await fetch(event.request);
  } catch {
    return caches.match(OFFLINE);
  }
}

addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  const { pathname, origin } = new URL(request.url);
  if (request.mode === "navigate") event.respondWith(page(event));
  else if (origin === location.origin && pathname.startsWith("/static/")) {
    event.respondWith(caches.match(request).then((kept) => kept ?? fetch(request)));
  }
});
