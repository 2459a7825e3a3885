/** Timers asked to wait longer do not wait at all. */
export const MAX_TIMER_MS = 2 ** 31 - 1;

/** Resolves after `ms`, or as soon as the signal aborts. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, signal?.aborted ? 0 : Math.min(ms, MAX_TIMER_MS));
    signal?.addEventListener('abort', done);
  });
}
