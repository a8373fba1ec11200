// Of the tabs that show an entry one writes; the others read, and can ask for the pen.
const WAIT = 1000; // ms for a tab that is just closing, or a slow device
const GRACE = 3000; // ms for a tab that may be asleep

// Resolves to whether this tab may write. `hand` is called when another asks for the pen; with true, when it has taken
// it. `free` is called when this tab gets it, which may be late: a reader waits for the one that writes to be closed.
export function acquire(uid, hand, free) {
  if (!navigator.locks) return Promise.resolve(true); // versions still see to it that nothing is overwritten
  return new Promise((resolve) => {
    let given;
    const holding = new Promise((done) => { given = done; });
    const waiting = new AbortController();
    new BroadcastChannel(uid).onmessage = () => {
      waiting.abort(); // whoever asks comes first
      hand().then(given);
    };
    addEventListener("pagehide", given);
    navigator.locks.request(uid, { signal: waiting.signal }, () => {
      resolve(true);
      free();
      return holding;
    }).catch(() => waiting.signal.aborted || hand(true));
    setTimeout(resolve, WAIT, false);
  });
}

// The tab that writes saves and becomes a reader; this one begins again, with what that has saved.
export function takeOver(uid) {
  const begin = () => {
    location.reload();
    return new Promise(() => {}); // which keeps the pen
  };
  new BroadcastChannel(uid).postMessage("");
  navigator.locks.request(uid, { signal: AbortSignal.timeout(GRACE) }, begin)
    .catch(() => navigator.locks.request(uid, { steal: true }, begin));
}
