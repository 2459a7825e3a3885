import { MAX_DATE_MS } from '../../../clock.js';
import type { NewEvent, StoredEvent } from '../../../events/event.js';
import { addChecksum, CHECKSUM_BYTES, hasChecksum } from './checksum.js';

const FLAGS_AT = 0;
const PREVIOUS_AT = 1;
const TIME_AT = 7;
const STREAM_LENGTH_AT = 15;
const TYPE_LENGTH_AT = 16;
const TEXT_AT = 18;
const GENERATED = 1;
/** Keys and index entries of a record. */
const RECORD_OVERHEAD_BYTES = 64;
/** Most bytes of records to look at in one turn of the event loop, so that it is not held up. */
export const MAX_TURN_BYTES = 16 * 1024 * 1024;
/** Positions and links take 48 bits: enough for a million events a second for nine years. */
export const POSITION_BYTES = 6;

/** Flags, link, time, the three texts, then the checksum of it all. */
export function encodeRecord(event: NewEvent, pos: number, time: number, previous: number): Buffer {
  const { stream, type, json, bytes, generated } = event;
  const typeLength = Buffer.byteLength(type);
  const record = Buffer.allocUnsafe(TEXT_AT + stream.length + typeLength + bytes + CHECKSUM_BYTES);
  record.writeUInt8(generated ? GENERATED : 0, FLAGS_AT);
  record.writeUIntBE(previous, PREVIOUS_AT, POSITION_BYTES);
  record.writeDoubleBE(time, TIME_AT);
  record.writeUInt8(stream.length, STREAM_LENGTH_AT);
  record.writeUInt16BE(typeLength, TYPE_LENGTH_AT);
  record.write(stream, TEXT_AT, 'latin1');
  record.write(type, TEXT_AT + stream.length);
  record.write(json, TEXT_AT + stream.length + typeLength);
  addChecksum(record, seedOf(pos));
  return record;
}

/** What retention and verification need of a record, without its texts. */
export interface RecordHead {
  readonly stream: string;
  readonly generated: boolean;
  readonly time: number;
  readonly previous: number;
  /** Memory and disk it counts for. */
  readonly bytes: number;
}

/** Whether a record is what was written at this position. */
export function isIntact(record: Buffer, pos: number): boolean {
  return record.length > TEXT_AT && hasChecksum(record, seedOf(pos));
}

export function bytesOf(record: Buffer): number {
  return record.length + RECORD_OVERHEAD_BYTES;
}

export function decodeHead(record: Buffer): RecordHead {
  return {
    stream: record.toString('latin1', TEXT_AT, TEXT_AT + record.readUInt8(STREAM_LENGTH_AT)),
    generated: (record.readUInt8(FLAGS_AT) & GENERATED) !== 0,
    time: record.readDoubleBE(TIME_AT),
    previous: record.readUIntBE(PREVIOUS_AT, POSITION_BYTES),
    bytes: bytesOf(record),
  };
}

/** When an event of a stream was stored, by a record that nobody has verified; undefined when it cannot be one of that. */
export function peekTime(record: Buffer, stream: string): number | undefined {
  if (record.length <= TEXT_AT) {
    return undefined;
  }
  const { stream: found, time } = decodeHead(record);
  return found === stream && time >= 0 && time <= MAX_DATE_MS ? time : undefined;
}

/** Reads an intact record. */
export function decodeRecord(record: Buffer, pos: number, epoch: string): StoredEvent {
  const { stream, generated, time } = decodeHead(record);
  const typeAt = TEXT_AT + stream.length;
  const jsonAt = typeAt + record.readUInt16BE(TYPE_LENGTH_AT);
  const jsonEnd = record.length - CHECKSUM_BYTES;
  const type = record.toString('utf8', typeAt, jsonAt);
  return {
    pos,
    epoch,
    stream,
    type,
    json: record.toString('utf8', jsonAt, jsonEnd),
    bytes: jsonEnd - jsonAt,
    generated,
    time,
  };
}

/** The position is part of it, so that a record found in another's place is not taken for it. */
function seedOf(pos: number): number {
  return pos % 2 ** 32;
}
