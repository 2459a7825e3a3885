import { useCallback, useEffect, useRef, useState } from 'react';
import { type AnyEvent, type Connection, type ConnectionState, connect, type Resume } from '../../../client/index.js';
import { FrameBatch } from './frame-batch.js';

/** An event as it came. */
export type Received = AnyEvent & {
  /** Unique on this page. */
  readonly key: number;
  /** Arrival, epoch milliseconds. */
  readonly at: number;
};

/** A connection as the page sees it. */
export interface Link {
  readonly state: ConnectionState | { readonly status: 'idle' };
  /** When the state began, epoch milliseconds. */
  readonly since: number;
  /** The verdict of the latest connection. */
  readonly resume?: Resume;
}

/** What to connect to; the same object keeps its connection. */
export interface Source {
  readonly url: string;
  /** Cursor to resume from; none starts live. */
  readonly cursor?: string;
}

export interface UsedConnection {
  readonly link: Link;
  /** The cursor of the last event read. */
  readonly cursor: () => string;
}

let lastKey = 0;

/**
 * Keeps a connection to `source` while the component is there; undefined for none.
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
  useEffect(() => {
    if (source === undefined) {
      return;
    }
    const batch = new FrameBatch(onBatch);
    const { url, cursor = '' } = source;
    const opened = connect(url, {
      lastEventId: cursor,
      onState: (state) => setLink((before) => ({ ...before, state, since: Date.now() })),
      onResume: (resume) => {
        batch.flush();
        setLink((before) => ({ ...before, resume }));
        onResume?.(resume);
      },
    });
    connection.current = opened;
    opened.on((event) => batch.add({ ...event, key: ++lastKey, at: Date.now() }));
    return () => {
      opened.close();
      batch.flush();
      setLink(idle());
    };
  }, [source, onBatch, onResume]);
  const cursor = useCallback(() => connection.current?.lastEventId ?? '', []);
  return { link, cursor };
}

function idle(): Link {
  return { state: { status: 'idle' }, since: Date.now() };
}
