import { useEffect, useState } from 'react';

/** Somebody who only looks something up in another tab does not notice. */
const AWAY_MS = 60_000;

/**
 * Whether this tab has been hidden for a minute. A browser opens six connections of HTTP/1.1 to a server for all of its
 * tabs together: those that nobody looks at should not keep the others from theirs.
 */
export function useAway(): boolean {
  const [isAway, setAway] = useState(false);
  useEffect(() => {
    let timer = 0;
    const look = () => {
      clearTimeout(timer);
      if (document.hidden) {
        timer = window.setTimeout(() => setAway(true), AWAY_MS);
      } else {
        setAway(false);
      }
    };
    look();
    document.addEventListener('visibilitychange', look);
    return () => {
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', look);
    };
  }, []);
  return isAway;
}
