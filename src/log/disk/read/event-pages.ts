import { type StoredEvent, sizeOf } from '../../../events/event.js';
import { matches, type Selection } from '../../../events/selection.js';
import type { Page } from '../../event-log.js';
import type { DiskStream } from '../disk-stream.js';
import { DamageError } from '../errors.js';
import { isLost, type Loss } from '../losses.js';
import type { EpochList } from '../store/epochs.js';
import { bytesOf, decodeHead, decodeRecord, isIntact, MAX_TURN_BYTES } from '../store/record.js';
import { type DiskStore, positionKey, positionOf } from '../store/store.js';
import { nextPositions } from './index-positions.js';
import { LinkCheck } from './link-check.js';

/** Records looked at for one page, so that a pattern that matches little does not hold up the event loop. */
const SCAN_LIMIT = 2000;

export interface PageSource {
  readonly store: DiskStore;
  readonly streams: ReadonlyMap<string, DiskStream>;
  readonly epochs: EpochList;
  readonly losses: readonly Loss[];
  readonly head: number;
}

/**
 * Reads a page of a selection after a position: by the index where streams are named, else through all events.
 * @throws DamageError for a record that is damaged or missing and not known as lost
 */
export function readPage(source: PageSource, selection: Selection, pos: number, maxBytes: number): Page {
  const { records, upTo } =
    selection.prefixes.length > 0 ? scan(source, selection, pos, maxBytes) : look(source, selection, pos, maxBytes);
  const links = new LinkCheck(source, pos);
  for (const { at, record } of records) {
    links.follow(at, decodeHead(record));
  }
  if (upTo === source.head) {
    links.checkEnds(selection.names);
  }
  return { events: records.map(({ at, record }) => decodeRecord(record, at, source.epochs.nameAt(at))), upTo };
}

/** The newest events, as many as take about `maxBytes` of memory, oldest first. */
export function readTail({ store, streams, epochs }: PageSource, maxBytes: number): StoredEvent[] {
  const events: StoredEvent[] = [];
  let bytes = 0;
  for (const { key, value } of store.events.entries({ reverse: true })) {
    const pos = positionOf(key);
    const event = decodeRecord(value, pos, epochs.nameAt(pos));
    bytes += sizeOf(event);
    if (bytes > maxBytes) {
      break;
    }
    if (pos > (streams.get(event.stream)?.row.purgedTo ?? 0)) {
      events.push(event);
    }
  }
  return events.reverse();
}

/** The event at a position. @throws DamageError */
export function readEvent(source: PageSource, pos: number): StoredEvent | undefined {
  const record = intact(source, pos, source.store.events.get(positionKey(pos)));
  return record === undefined ? undefined : decodeRecord(record, pos, source.epochs.nameAt(pos));
}

interface Found {
  readonly records: readonly { readonly at: number; readonly record: Buffer }[];
  /** Everything of the selection up to here is among them. */
  readonly upTo: number;
}

function scan(source: PageSource, selection: Selection, pos: number, maxBytes: number): Found {
  const { store, head } = source;
  const records: Found['records'][number][] = [];
  let bytes = 0;
  let visited = 0;
  let visitedBytes = 0;
  let upTo = pos;
  const range = { start: positionKey(pos + 1), end: positionKey(head + 1), limit: SCAN_LIMIT };
  for (const { key, value } of store.events.entries(range)) {
    const at = positionOf(key);
    const record = chosen(source, selection, at, value);
    if (record !== undefined) {
      bytes += bytesOf(record);
      if (bytes > maxBytes && records.length > 0) {
        return { records, upTo: endOf(records) };
      }
      records.push({ at, record });
    }
    visited++;
    visitedBytes += value.length;
    upTo = at;
    if (visitedBytes >= MAX_TURN_BYTES) {
      return { records, upTo };
    }
  }
  return { records, upTo: visited < SCAN_LIMIT ? head : upTo };
}

/** What was found at a position, if the selection asks for it, and it was not purged. */
function chosen(source: PageSource, selection: Selection, pos: number, found: Buffer): Buffer | undefined {
  const record = intact(source, pos, found);
  const { stream = '' } = record === undefined ? {} : decodeHead(record);
  return matches(selection, stream) && pos > (source.streams.get(stream)?.row.purgedTo ?? 0) ? record : undefined;
}

function look(source: PageSource, { names }: Selection, pos: number, maxBytes: number): Found {
  const records: Found['records'][number][] = [];
  let bytes = 0;
  const { positions, upTo } = nextPositions(source, names, pos, SCAN_LIMIT);
  for (const at of positions) {
    const record = intact(source, at, source.store.events.get(positionKey(at)));
    bytes += record === undefined ? 0 : bytesOf(record);
    if (bytes > maxBytes && records.length > 0) {
      return { records, upTo: endOf(records) };
    }
    if (record !== undefined) {
      records.push({ at, record });
    }
  }
  return { records, upTo };
}

function endOf(records: Found['records']): number {
  return records.at(-1)?.at ?? 0;
}

/** What was found at a position, if it is whole; undefined when it is known to be lost. */
function intact({ losses }: PageSource, pos: number, record: Buffer | undefined): Buffer | undefined {
  if (record !== undefined && isIntact(record, pos)) {
    return record;
  }
  if (isLost(losses, pos)) {
    return undefined;
  }
  throw new DamageError(`the event at position ${pos} is ${record === undefined ? 'missing' : 'damaged'}`, pos);
}
