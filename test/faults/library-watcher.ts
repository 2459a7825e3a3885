import { connect } from '../../client/index.js';
import type { Format } from '../../src/events/frame.js';
import { parseSelection, type Selection } from '../../src/events/selection.js';
import { type Ledger, positionOf } from '../torture/ledger.js';
import type { Session } from '../torture/watcher.js';

/** The client library as a watcher that remembers what it saw. */
export interface LibraryWatcher {
  readonly selection: Selection;
  readonly sessions: readonly Session[];
  /** Everything up to here has been received. */
  readonly position: number;
  /** How often it has given a connection up because nothing came. */
  readonly silences: number;
}

/** @param signal ends it */
export function watchWithLibrary(
  base: string,
  streams: string,
  format: Format,
  ledger: Ledger,
  signal: AbortSignal,
): LibraryWatcher {
  const sessions: Session[] = [];
  const path = format === 'plain' ? `/sse/${streams}` : `/events?streams=${encodeURIComponent(streams)}`;
  let cursor: string | undefined;
  let silences = 0;
  const connection = connect<Record<string, { name: string }>>(`${base}${path}`, {
    retryMs: 5,
    maxRetryMs: 20,
    // A second between heartbeats is the least a hub takes; under load there is always an event before.
    heartbeatMs: 200,
    signal,
    onState(state) {
      if (state.status !== 'waiting') {
        return;
      }
      silences += state.reason.code === 'silent' ? 1 : 0;
      if (connection.lastEventId !== '') {
        cursor = connection.lastEventId;
        Object.assign(sessions.at(-1) ?? {}, { upTo: cursor });
      }
    },
    onResume({ resume, cursor: from, ...verdict }) {
      const reason = 'reason' in verdict ? verdict.reason : undefined;
      sessions.push({ resume, reason, cursor, from, upTo: from, events: [], known: ledger.size });
    },
  });
  connection.on(({ id, data }) => {
    const session = sessions.at(-1);
    // The current state, which is no part of what was missed, comes without an id of its own.
    if (session !== undefined && id !== session.from) {
      session.events.push({ id, name: data.name });
      session.upTo = id;
    }
  });
  return {
    selection: parseSelection(streams),
    sessions,
    get silences() {
      return silences;
    },
    get position() {
      return connection.lastEventId === '' ? 0 : positionOf(connection.lastEventId);
    },
  };
}
