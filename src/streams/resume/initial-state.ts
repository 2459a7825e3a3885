import { encodeEvent } from '../../events/frame.js';
import type { EventLog } from '../../log/event-log.js';
import type { Connection } from '../connection.js';

/** Most latest events that a new watcher gets. */
const MAX_STATES = 100;

/**
 * The latest event of each chosen state stream, oldest first, without `id:` so that the cursor does not move back. If there are
 * too many, the newest; one that does not fit is skipped in favour of an older one that does. What a replay sends after the
 * connection's position is left out.
 * @param maxBytes of all together; about twice as much is read to find them
 */
export function encodeStates(log: EventLog, { selection, format, position }: Connection, maxBytes: number): Buffer[] {
  const frames: Buffer[] = [];
  let bytes = 0;
  let read = 0;
  for (const event of log.latestStates(selection, MAX_STATES, position)) {
    const frame = encodeEvent(event, format, false);
    read += frame.length;
    if (bytes + frame.length <= maxBytes) {
      bytes += frame.length;
      frames.push(frame);
    }
    if (read > 2 * maxBytes) {
      break;
    }
  }
  return frames.reverse();
}
