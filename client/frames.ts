import { createLineDecoder } from './lines.js';

interface FrameHandlers {
  /** An event, with the type undefined where it named none. */
  onFrame(type: string | undefined, data: string): void;
  /** A new last event id; called before the event that set it, if there is one. */
  onId(id: string): void;
  /** A new reconnection time, in ms. */
  onRetry(ms: number): void;
}

export interface FrameReader {
  feed(chunk: Uint8Array): void;
  /** What came after the last blank line is no event, but its `retry:` counts. */
  finish(): void;
}

type Fields = Map<string, string[]>;

const FIELD = /^([^:]*)(?:: ?(.*))?$/s;

/** The values of each field of a block, in their order (WHATWG HTML §9.2.6). */
function fieldsOf(block: string): Fields {
  const fields: Fields = new Map();
  for (const line of block.split('\n')) {
    const [, name = '', value = ''] = FIELD.exec(line) ?? [];
    const values = fields.get(name) ?? [];
    values.push(value);
    fields.set(name, values);
  }
  return fields;
}

function readRetry(fields: Fields, { onRetry }: FrameHandlers): void {
  const retry = fields
    .get('retry')
    ?.filter((value) => /^\d+$/.test(value))
    .at(-1);
  if (retry !== undefined) {
    onRetry(Number(retry));
  }
}

function readBlock(fields: Fields, handlers: FrameHandlers): void {
  readRetry(fields, handlers);
  const id = fields
    .get('id')
    ?.filter((value) => !value.includes('\0'))
    .at(-1);
  if (id !== undefined) {
    handlers.onId(id);
  }
  const data = fields.get('data');
  if (data !== undefined) {
    handlers.onFrame(fields.get('event')?.at(-1) || undefined, data.join('\n'));
  }
}

/** Reads the blocks that a blank line ends. @returns the rest */
function readBlocks(text: string, handlers: FrameHandlers, signal: AbortSignal): string {
  let start = 0;
  for (let end = text.indexOf('\n\n'); end !== -1 && !signal.aborted; end = text.indexOf('\n\n', start)) {
    readBlock(fieldsOf(text.slice(start, end)), handlers);
    start = end + 2;
  }
  return text.slice(start);
}

/** Reads an event stream block by block, a block being the lines up to a blank one, until the signal aborts. */
export function createFrameReader(handlers: FrameHandlers, signal: AbortSignal): FrameReader {
  const decode = createLineDecoder();
  /** What no blank line has ended yet. Joined once that has come: at each chunk, a large event would be copied each time. */
  let parts: string[] = [];
  return {
    feed(chunk) {
      const text = decode(chunk);
      const isBlank = text.startsWith('\n') && parts.at(-1)?.endsWith('\n');
      if (text !== '') {
        parts.push(text);
      }
      if (isBlank || text.includes('\n\n')) {
        parts = [readBlocks(parts.join(''), handlers, signal)];
      }
    },
    finish() {
      if (!signal.aborted) {
        const pending = parts.join('');
        readRetry(fieldsOf(pending.slice(0, Math.max(0, pending.lastIndexOf('\n')))), handlers);
      }
    },
  };
}
