import { encodeEvent } from '../events/frame.js';
import type { EventLog } from '../log/event-log.js';
import type { Audience } from './audience.js';
import type { Connection } from './connection.js';
import type { FramePage, Window } from './window.js';

/** A page is at most this many bytes (or one event), so that a slow link shows progress and a fast one shares the turn. */
export const PAGE_BYTES = 64 * 1024;

/**
 * Serves a connection what it missed, page by page as it drains, from the log where the window does not reach. The
 * last page from the window and the join are one synchronous step, so there is neither gap nor duplicate.
 */
export async function catchUp(
  log: EventLog,
  window: Window,
  audience: Audience,
  connection: Connection,
): Promise<void> {
  let { trims } = log.usage();
  while (connection.isOpen) {
    const { selection, format, position } = connection;
    const isInWindow = position >= window.floor;
    const page = isInWindow ? window.read(selection, format, position, PAGE_BYTES) : await readLog(log, connection);
    if (!connection.isOpen) {
      return;
    }
    // What retention took meanwhile cannot be served: better to end here, and let the return be told of the gap.
    if (log.trimmedSince(selection, position, trims)) {
      return audience.end(connection, 'overtaken');
    }
    trims = log.usage().trims;
    connection.position = page.upTo;
    const chunk = Buffer.concat(page.frames);
    if (page.complete) {
      connection.write(chunk, page.frames.length);
      return audience.join(connection);
    }
    const drained = connection.writeAndDrain(chunk, page.frames.length);
    audience.track(connection);
    await drained;
  }
}

async function readLog(log: EventLog, { selection, format, position }: Connection): Promise<FramePage> {
  const { events, upTo } = await log.read(selection, position, PAGE_BYTES);
  return { frames: events.map((event) => encodeEvent(event, format)), upTo, complete: false };
}
