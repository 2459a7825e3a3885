import { crc32 } from 'node:zlib';
import type { NewEvent, StoredEvent } from '../../events/event.js';

const CRC_AT = 0;
const FLAGS_AT = 4;
const PREVIOUS_AT = 5;
const TIME_AT = 11;
const STREAM_LENGTH_AT = 19;
const TYPE_LENGTH_AT = 20;
const TEXT_AT = 22;
const GENERATED = 1;
/** Keys and index entries of a record. */
const RECORD_OVERHEAD_BYTES = 64;
/** Positions and links take 48 bits: enough for a million events a second for nine years. */
export const POSITION_BYTES = 6;

/** Checksum (CRC-32 of the position and all that follows), flags, link, time, then the three texts. */
export function encodeRecord(event: NewEvent, pos: number, time: number, previous: number): Buffer {
  const { stream, type, json, generated } = event;
  const typeLength = Buffer.byteLength(type);
  const record = Buffer.allocUnsafe(TEXT_AT + stream.length + typeLength + Buffer.byteLength(json));
  record.writeUInt8(generated ? GENERATED : 0, FLAGS_AT);
  record.writeUIntBE(previous, PREVIOUS_AT, POSITION_BYTES);
  record.writeDoubleBE(time, TIME_AT);
  record.writeUInt8(stream.length, STREAM_LENGTH_AT);
  record.writeUInt16BE(typeLength, TYPE_LENGTH_AT);
  record.write(stream, TEXT_AT, 'latin1');
  record.write(type, TEXT_AT + stream.length);
  record.write(json, TEXT_AT + stream.length + typeLength);
  record.writeUInt32BE(checksum(record, pos), CRC_AT);
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
  return record.length >= TEXT_AT && record.readUInt32BE(CRC_AT) === checksum(record, pos);
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

/** Reads an intact record. */
export function decodeRecord(record: Buffer, pos: number, epoch: string): StoredEvent {
  const { stream, generated, time } = decodeHead(record);
  const typeAt = TEXT_AT + stream.length;
  const jsonAt = typeAt + record.readUInt16BE(TYPE_LENGTH_AT);
  const type = record.toString('utf8', typeAt, jsonAt);
  return { pos, epoch, stream, type, json: record.toString('utf8', jsonAt), generated, time };
}

/** The position is part of it, so that a record found in another's place is not taken for it. */
function checksum(record: Buffer, pos: number): number {
  return crc32(record.subarray(FLAGS_AT), pos % 2 ** 32);
}

/** Puts a checksum before a small value. */
export function seal(value: unknown): Buffer {
  const body = Buffer.from(JSON.stringify(value));
  const sealed = Buffer.allocUnsafe(FLAGS_AT + body.length);
  sealed.writeUInt32BE(crc32(body), CRC_AT);
  body.copy(sealed, FLAGS_AT);
  return sealed;
}

/** Takes it off again; undefined when the value is damaged. */
export function unseal(sealed: Buffer): unknown {
  const body = sealed.subarray(FLAGS_AT);
  return sealed.length > FLAGS_AT && sealed.readUInt32BE(CRC_AT) === crc32(body)
    ? JSON.parse(body.toString())
    : undefined;
}
