// Service worker: serves static files from a cache, and an offline page when the network is down. It never sees what
// people write. A new version waits until all pages of the old one are closed, so it disturbs no open page.
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
    const preloaded = await event.preloadResponse; // a failed preload is an error response in Firefox
    return preloaded && preloaded.type !== "error" ? preloaded : await fetch(event.request);
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
