import { useEffect, useState } from 'react';
import { access } from '../session/access.js';

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
    let wasAway = false;
    const leave = () => {
      wasAway = true;
      setAway(true);
    };
    const comeBack = () => {
      if (!document.hidden) {
        wasAway = false;
        setAway(false);
      }
    };
    const look = () => {
      clearTimeout(timer);
      if (document.hidden) {
        timer = window.setTimeout(leave, AWAY_MS);
      } else if (wasAway) {
        // The access may have ended meanwhile, and a connection without it would pass over what is not public.
        access.check().finally(comeBack);
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
