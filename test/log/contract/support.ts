import { type NewEvent, prepareEvent, type StoredEvent } from '../../../src/events/event.js';
import { parseSelection } from '../../../src/events/selection.js';
import type { EventLog } from '../../../src/log/event-log.js';

export function event(stream: string, data: unknown = 'x', generated = false): NewEvent {
  return prepareEvent({ stream, data }, 262_144, generated);
}

/** Publishes one event to each of the streams named, in order, one append each. */
export async function publish(log: EventLog, ...streams: string[]): Promise<void> {
  for (const stream of streams) {
    await log.append([event(stream)]);
  }
  await log.idle();
}

export async function generate(log: EventLog, stream: string, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    await log.append([event(stream, i, true)]);
  }
  await log.idle();
}

/** Everything retained of a selection after a position, page by page. */
export async function readAll(log: EventLog, selection: string, from = 0, pageBytes = 4096): Promise<StoredEvent[]> {
  await log.idle();
  const found: StoredEvent[] = [];
  for (let pos = from; pos < log.head; ) {
    const { events, upTo } = await log.read(parseSelection(selection), pos, pageBytes);
    if (upTo <= pos) {
      throw new Error(`a page after ${pos} that ends at ${upTo} leads nowhere`);
    }
    found.push(...events);
    pos = upTo;
  }
  return found;
}

/** Positions retained of a selection. */
export async function positions(log: EventLog, selection = '*', from = 0): Promise<number[]> {
  return (await readAll(log, selection, from)).map(({ pos }) => pos);
}
