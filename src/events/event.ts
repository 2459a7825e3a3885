import { SluiceError } from '../errors.js';
import { toJson } from './json.js';
import { DEFAULT_TYPE, isStreamName, isTypeName, RESERVED_TYPES } from './names.js';

/** What a publisher hands in. */
export interface EventInput {
  /** Stream name: `[A-Za-z0-9][A-Za-z0-9._:-]{0,127}`. */
  readonly stream: string;
  /** Event type, one line of at most 128 characters. Default: `message`. */
  readonly type?: string | undefined;
  /** Any JSON value. */
  readonly data: unknown;
}

/** A checked event on its way into the log. */
export interface NewEvent {
  readonly stream: string;
  readonly type: string;
  /** `data` as one line of JSON. */
  readonly json: string;
  /** Bytes of that in UTF-8, so that every text counts for what it takes. */
  readonly bytes: number;
  /** True for the built-in generators: kept apart by retention, so that a demo never pushes out real events. */
  readonly generated: boolean;
}

/** An event the log has accepted. */
export interface StoredEvent extends NewEvent {
  /** Position in the one order of all streams: 1, 2, 3…, never reused. */
  readonly pos: number;
  /** The epoch in which the log assigned `pos`. */
  readonly epoch: string;
  /** When the log accepted it, epoch milliseconds. It says nothing about order; `pos` does. */
  readonly time: number;
}

/** The event as the log keeps it. Written out, because every publish makes one and a spread costs several times as much. */
export function storeEvent(event: NewEvent, pos: number, epoch: string, time: number): StoredEvent {
  const { stream, type, json, bytes, generated } = event;
  return { stream, type, json, bytes, generated, pos, epoch, time };
}

/**
 * Checks an event and fixes its bytes; the one door through which everything published comes.
 * @param maxBytes most bytes of `data`: of the text of a string, of the JSON of anything else
 * @throws SluiceError 400 for a bad name, type or value, 413 for one that is too large
 */
export function prepareEvent(input: EventInput, maxBytes: number, generated = false): NewEvent {
  const { stream, type = DEFAULT_TYPE, data } = input;
  checkStream(stream);
  checkType(type);
  const json = toJson(data);
  const bytes = Buffer.byteLength(json);
  const size = typeof data === 'string' ? Buffer.byteLength(data) : bytes;
  if (size > maxBytes) {
    throw new SluiceError('SLUICE_EVENT_TOO_LARGE', 413, `data has ${size} bytes, more than the ${maxBytes} allowed`);
  }
  return { stream, type, json, bytes, generated };
}

/** @throws SluiceError 400 unless `stream` is a stream name */
export function checkStream(stream: string): void {
  if (!isStreamName(stream)) {
    throw new SluiceError(
      'SLUICE_INVALID_STREAM',
      400,
      'a stream name is 1 to 128 letters, digits and . _ : -, and starts with a letter or digit',
    );
  }
}

function checkType(type: string): void {
  if (!isTypeName(type)) {
    throw new SluiceError(
      'SLUICE_INVALID_TYPE',
      400,
      'type must be one line of 1 to 128 characters without control characters',
    );
  }
  if (RESERVED_TYPES.has(type)) {
    throw new SluiceError('SLUICE_RESERVED_TYPE', 400, `type '${type}' is kept for the server itself`);
  }
}

/** What one event costs in memory beside its frames: its text and the objects that hold it, in bytes. */
export function sizeOf(event: NewEvent): number {
  return event.bytes + EVENT_OVERHEAD_BYTES;
}

const EVENT_OVERHEAD_BYTES = 256;
