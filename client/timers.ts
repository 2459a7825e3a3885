/** Resolves after `ms`, or as soon as the signal aborts. */
export function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, signal.aborted ? 0 : ms);
    signal.addEventListener('abort', done);
  });
}

/** Waits for a promise, and calls `onLate` if that takes longer than `ms`; 0 waits for ever. */
export async function watch<T>(promise: Promise<T>, ms: number, onLate: () => void): Promise<T> {
  const timer = ms > 0 ? setTimeout(onLate, ms) : undefined;
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
  }
}
