// Of the tabs that show an entry one writes; the others read, and can ask for the pen.
const WAIT = 400; // ms for a tab that is just closing
const GRACE = 3000; // ms for a tab that may be asleep

const never = () => new Promise(() => {});

// Resolves to whether this tab may write. `hand` is called when another asks for the pen, or has taken it.
export function pen(uid, hand) {
  if (!navigator.locks) return Promise.resolve(true); // versions still see to it that nothing is overwritten
  return new Promise((resolve) => {
    let given;
    const holding = new Promise((done) => { given = done; });
    const channel = new BroadcastChannel(uid);
    channel.onmessage = () => hand().then(given);
    addEventListener("pagehide", given);
    navigator.locks.request(uid, { signal: AbortSignal.timeout(WAIT) }, () => {
      resolve(true);
      return holding;
    }).catch(({ name }) => {
      channel.close();
      if (name === "TimeoutError") resolve(false);
      else hand(); // it was taken
    });
  });
}

// The tab that writes saves and becomes a reader; this one begins again, with what that has saved.
export function take(uid) {
  const begin = () => {
    location.reload();
    return never();
  };
  new BroadcastChannel(uid).postMessage("");
  navigator.locks.request(uid, { signal: AbortSignal.timeout(GRACE) }, begin)
    .catch(() => navigator.locks.request(uid, { steal: true }, begin));
}
