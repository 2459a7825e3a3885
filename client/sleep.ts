/** Timers asked to wait longer do not wait at all. */
export const MAX_TIMER_MS = 2 ** 31 - 1;
/** The clients of one place come online together. */
const ONLINE_JITTER_MS = 500;

/** Resolves after `ms`, or as soon as the signal aborts; if it may be early, also soon after the network is back. */
export function sleep(ms: number, signal?: AbortSignal, mayBeEarly = false): Promise<void> {
  return new Promise((resolve) => {
    const over = new AbortController();
    const done = () => {
      clearTimeout(timer);
      over.abort();
      resolve();
    };
    let timer = setTimeout(done, signal?.aborted ? 0 : Math.min(ms, MAX_TIMER_MS));
    const hurry = () => {
      clearTimeout(timer);
      timer = setTimeout(done, Math.random() * Math.min(ms, ONLINE_JITTER_MS));
    };
    signal?.addEventListener('abort', done, { signal: over.signal });
    if (mayBeEarly) {
      (globalThis as Partial<EventTarget>).addEventListener?.('online', hurry, { signal: over.signal, once: true });
    }
  });
}
