import { useCallback, useEffect, useMemo, useReducer, useRef, useState } from 'react';
import { type Connection, type ConnectionState, connect, type Resume } from '../../../client/index.js';
import { access } from '../session/access.js';
import { useAccess } from '../session/use-access.js';
import { FrameBatch } from './frame-batch.js';
import type { Link, Received } from './link.js';
import { useAway } from './use-away.js';

/** What to connect to; the same object keeps its connection. */
export interface Source {
  readonly url: string;
  /** Cursor to resume from; none starts live. */
  readonly cursor?: string;
}

interface UsedConnection {
  readonly link: Link;
  /** The cursor of the last event read. */
  readonly cursor: () => string;
  /** Makes a new attempt at once, where it was. */
  readonly retry: () => void;
}

let lastKey = 0;

/**
 * Keeps a connection to `source` while the component is there; undefined for none. A tab that nobody looks at gives it up, and
 * goes on where it was.
 * @param onBatch gets the events of an animation frame; must be stable
 * @param onResume gets each verdict, before the events after it; must be stable
 */
export function useConnection(
  source: Source | undefined,
  onBatch: (events: readonly Received[]) => void,
  onResume?: (resume: Resume) => void,
): UsedConnection {
  const [link, setLink] = useState<Link>(idle);
  const connection = useRef<Connection>(undefined);
  const last = useRef<{ readonly source: Source; readonly cursor: string }>(undefined);
  const { turn } = useAccess();
  const [round, retry] = useReducer((before: number) => before + 1, 0);
  // Another object with each turn, so that a connection starts anew with what is allowed then; with each round, at once.
  const isAway = useAway();
  const current = useMemo(
    () => (isAway ? undefined : source && { source, turn, round }),
    [isAway, source, turn, round],
  );
  useEffect(() => {
    if (current === undefined) {
      return;
    }
    if (access.hasEnded) {
      setLink({ state: { status: 'held' }, since: Date.now() });
      return;
    }
    const { source } = current;
    const batch = new FrameBatch(onBatch);
    const opened = connect(source.url, {
      lastEventId: last.current?.source === source ? last.current.cursor : (source.cursor ?? ''),
      onState: (reached) => {
        const state = heedAccess(opened, reached);
        setLink((before) => ({ ...(state.status !== 'connecting' && before), state, since: Date.now() }));
      },
      onExpiring: (expiring) => access.announce(expiring),
      onResume: (resume) => {
        batch.flush();
        setLink((before) => ({ ...before, resume }));
        onResume?.(resume);
      },
    });
    connection.current = opened;
    opened.on((event) => batch.add({ ...event, key: ++lastKey, at: Date.now() }));
    return () => {
      last.current = { source, cursor: opened.lastEventId };
      opened.close();
      batch.flush();
      setLink(idle());
    };
  }, [current, onBatch, onResume]);
  const cursor = useCallback(() => connection.current?.lastEventId ?? '', []);
  return { link, cursor, retry };
}

/**
 * A connection whose access has ended must not return by itself: without the cookie it would get what is public only,
 * its cursor would pass over the rest, and a later sign-in would miss that.
 */
function heedAccess(connection: Connection, state: ConnectionState): Link['state'] {
  if (state.status === 'waiting' && state.reason.code === 'expired') {
    connection.close();
    access.ended();
    return { status: 'held' };
  }
  if (state.status === 'closed') {
    access.heed(state.error);
  }
  return state;
}

function idle(): Link {
  return { state: { status: 'idle' }, since: Date.now() };
}
