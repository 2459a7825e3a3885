import { useEffect, useState } from 'react';
import { listStreams, type StreamPage } from '../hub/requests.js';
import { describeFailure } from '../hub/words.js';

const REFRESH_MS = 2000;

export interface KnownStreams {
  readonly page: StreamPage | undefined;
  /** Why the page is not fresh. */
  readonly failure: string | undefined;
}

/** The streams whose name begins with `prefix`, asked for again every two seconds while the tab is seen. */
export function useStreams(prefix: string): KnownStreams {
  const [known, setKnown] = useState<KnownStreams>({ page: undefined, failure: undefined });
  useEffect(() => {
    const stop = new AbortController();
    const refresh = async () => {
      if (document.hidden) {
        return;
      }
      try {
        const page = await listStreams(prefix, stop.signal);
        setKnown({ page, failure: undefined });
      } catch (error) {
        if (!stop.signal.aborted) {
          setKnown(({ page }) => ({ page, failure: describeFailure(error as Error) }));
        }
      }
    };
    refresh();
    const timer = setInterval(refresh, REFRESH_MS);
    document.addEventListener('visibilitychange', refresh);
    return () => {
      stop.abort();
      clearInterval(timer);
      document.removeEventListener('visibilitychange', refresh);
    };
  }, [prefix]);
  return known;
}
