import { useEffect, useState } from 'react';
import { listStreams, type StreamPage } from '../hub/requests.js';
import { shared } from '../hub/shared.js';
import { describeFailure, type Failure } from '../hub/words.js';
import { access } from '../session/access.js';
import { useAccess } from '../session/use-access.js';

const REFRESH_MS = 2000;

interface KnownStreams {
  readonly page: StreamPage | undefined;
  /** Why the page is not fresh. */
  readonly failure: string | undefined;
}

/** The streams whose name begins with `prefix`, asked for again every two seconds while the tab is seen and has access. */
export function useStreams(prefix: string): KnownStreams {
  const [known, setKnown] = useState<KnownStreams>({ page: undefined, failure: undefined });
  const hasEnded = useAccess().ending?.instead !== undefined;
  useEffect(() => {
    if (hasEnded) {
      return;
    }
    const stop = new AbortController();
    // One after the other, so that no older answer takes the place of a newer one.
    const refresh = shared(async () => {
      if (document.hidden) {
        return;
      }
      try {
        const page = await listStreams(prefix, stop.signal);
        setKnown({ page, failure: undefined });
      } catch (error) {
        if (!stop.signal.aborted) {
          setKnown(({ page }) => ({ page, failure: describeFailure(error as Failure) }));
          access.heed(error as Failure);
        }
      }
    });
    refresh();
    const timer = setInterval(refresh, REFRESH_MS);
    document.addEventListener('visibilitychange', refresh);
    return () => {
      stop.abort();
      clearInterval(timer);
      document.removeEventListener('visibilitychange', refresh);
    };
  }, [prefix, hasEnded]);
  return known;
}
