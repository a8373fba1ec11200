// Tab lock: of all tabs that show an entry, the one that holds its Web Lock may edit; the others are read-only.
const WAIT = 1000; // ms to wait for a tab that is closing
const GRACE = 3000; // ms to wait for the other tab to release the lock, then it is stolen: that tab may be suspended

// Resolves to whether this tab may edit.
// `release` is called when another tab asks for the lock, and with true when another tab has stolen it.
// `acquired` is called when this tab gets the lock, perhaps much later: a read-only tab stays in the queue.
export function acquire(uid, release, acquired) {
  if (!navigator.locks) return Promise.resolve(true); // the version check on the server still prevents lost updates
  return new Promise((resolve) => {
    let done;
    const holding = new Promise((end) => { done = end; });
    const waiting = new AbortController();
    new BroadcastChannel(uid).onmessage = () => {
      waiting.abort(); // the tab that asks goes first
      release().then(done);
    };
    addEventListener("pagehide", done);
    navigator.locks.request(uid, { signal: waiting.signal }, () => {
      resolve(true);
      acquired();
      return holding;
    }).catch(() => waiting.signal.aborted || release(true));
    setTimeout(resolve, WAIT, false);
  });
}

// Asks the editing tab to save and to become read-only, then reloads this tab, which shows the saved text.
export function takeOver(uid) {
  const begin = () => {
    location.reload();
    return new Promise(() => {}); // holds the lock until the reload
  };
  new BroadcastChannel(uid).postMessage("");
  navigator.locks.request(uid, { signal: AbortSignal.timeout(GRACE) }, begin)
    .catch(() => navigator.locks.request(uid, { steal: true }, begin));
}
