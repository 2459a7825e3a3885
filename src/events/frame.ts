import { formatCursor } from './cursor.js';
import type { StoredEvent } from './event.js';
import { DEFAULT_TYPE } from './names.js';

/**
 * How an event is put on the wire. `plain`: the type as `event:`, the data as it is. `envelope`: no `event:`,
 * so that one `onmessage` sees everything, and `{type, stream, data, time}` as data.
 */
export type Format = 'plain' | 'envelope';

/** Fields of a control frame beside its type and data. */
interface ControlFields {
  /** Cursor to set; left out, the client keeps the one it has. */
  readonly id?: string;
  /** Reconnection time to set, in milliseconds. */
  readonly retry?: number;
}

const LINE_BREAK = /\r\n|\r|\n/g;

/**
 * The frame of an event (WHATWG HTML §9.2.5). Positions are common to all streams, so the bytes are the same
 * for every watcher, whatever else it watches.
 * @param withId false for initial state, which must not move the watcher's cursor back
 */
export function encodeEvent(event: StoredEvent, format: Format, withId = true): Buffer {
  const id = withId ? `id: ${formatCursor(event.epoch, event.pos)}\n` : '';
  return Buffer.from(format === 'plain' ? id + plainBody(event) : `${id}data: ${envelopeBody(event)}\n\n`);
}

/** A frame of the server's own: connected, heartbeat, refused… */
export function encodeControl(format: Format, type: string, data: object, fields: ControlFields = {}): Buffer {
  const retry = fields.retry === undefined ? '' : `retry: ${fields.retry}\n`;
  const id = fields.id === undefined ? '' : `id: ${fields.id}\n`;
  const body =
    format === 'plain'
      ? `event: ${type}\ndata: ${JSON.stringify(data)}\n\n`
      : `data: ${JSON.stringify({ type, data })}\n\n`;
  return Buffer.from(retry + id + body);
}

function plainBody({ type, json }: StoredEvent): string {
  const event = type === DEFAULT_TYPE ? '' : `event: ${type}\n`;
  return `${event}data: ${json.startsWith('"') ? textLines(json) : json}\n\n`;
}

/** A string travels as its text; each of its lines needs a `data:` of its own or it could forge a field. */
function textLines(json: string): string {
  const text: string = JSON.parse(json);
  return text.replace(LINE_BREAK, '\ndata: ');
}

function envelopeBody({ type, stream, json, time }: StoredEvent): string {
  const head = `{"type":${JSON.stringify(type)},"stream":"${stream}"`;
  return `${head},"data":${json},"time":"${new Date(time).toISOString()}"}`;
}
