import { useCallback, useReducer, useRef, useState } from 'react';
import { publish, type Resume } from '../../../client/index.js';
import type { Received } from '../connection/link.js';
import { type Source, useConnection } from '../connection/use-connection.js';
import { headOf, purge } from '../hub/requests.js';
import { eventsUrl, hubUrl } from '../hub/url.js';
import { plural } from '../ui/format.js';
import { EMPTY, reduceResume } from './resume-state.js';

export const STREAM = 'resume-demo';
/** A first visit sees a little of what is there. */
const URL = `${eventsUrl(STREAM)}&last=5`;

/** A connection that can be cut and brought back, and the story of it. */
export function useResumeDemo() {
  const [demo, dispatch] = useReducer(reduceResume, EMPTY);
  const [source, setSource] = useState<Source | undefined>({ url: URL });
  const cutAt = useRef('');
  // Not of the state: a second click may come before the next render.
  const lastNumber = useRef(0);
  const add = useCallback((batch: readonly Received[]) => dispatch({ type: 'batch', batch }), []);
  const judge = useCallback((resume: Resume) => dispatch({ type: 'resume', resume }), []);
  const { link, cursor, retry } = useConnection(source, add, judge);
  const isCut = source === undefined;

  const cut = () => {
    cutAt.current = cursor();
    setSource(undefined);
    dispatch({ type: 'cut' });
  };
  const publishNext = async () => {
    const number = ++lastNumber.current;
    await publish(hubUrl(), STREAM, { number });
    dispatch({ type: 'published', isCut });
    return `Published number ${number}.`;
  };
  const purgeAll = async () => `Removed ${plural(await purge(STREAM), 'event')}: what was missed is gone.`;
  const bringBack = async (change: (cursor: string) => string = (same) => same) => {
    dispatch({ type: 'return', head: await headOf(STREAM) });
    setSource({ url: URL, cursor: change(cutAt.current) });
    return 'Brought back.';
  };
  return { demo, link, retry, isCut, cut, publishNext, purgeAll, bringBack };
}

/** A cursor such as a server hands out that has lost this log. */
export function toForeign(cursor: string): string {
  const [first = ''] = cursor;
  return `${first === 'a' ? 'b' : 'a'}${cursor.slice(1)}`;
}
