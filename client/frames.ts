import { createParser } from 'eventsource-parser';
import { createLineDecoder } from './lines.js';

export interface FrameHandlers {
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

/** Reads an event stream block by block, a block being the lines up to a blank one, until the signal aborts. */
export function createFrameReader(handlers: FrameHandlers, signal: AbortSignal): FrameReader {
  const decode = createLineDecoder();
  const { parser, read } = createBlockReader(handlers);
  let pending = '';
  return {
    feed(chunk) {
      const blocks = (pending + decode(chunk)).split('\n\n');
      pending = blocks.pop() ?? '';
      for (const block of blocks) {
        if (!signal.aborted) {
          read(block);
        }
      }
    },
    finish() {
      if (!signal.aborted) {
        parser.feed(pending.slice(0, pending.lastIndexOf('\n') + 1));
      }
    },
  };
}

/** Reads whole blocks; the parser itself takes the lines of one that stays unfinished. */
function createBlockReader({ onFrame, onId, onRetry }: FrameHandlers) {
  let dispatched = false;
  const setId = (id: string | undefined) => {
    if (id !== undefined) {
      onId(id);
    }
  };
  const parser = createParser({
    onEvent: ({ id, event, data }) => {
      dispatched = true;
      setId(id);
      onFrame(event, data);
    },
    onRetry,
  });
  // A block without data sets the id too (WHATWG HTML §9.2.6), but the parser tells an id only with an event: such a
  // block is read once more with empty data.
  const prober = createParser({ onEvent: ({ id }) => setId(id) });
  const read = (block: string) => {
    dispatched = false;
    parser.feed(`${block}\n\n`);
    if (!dispatched) {
      prober.feed(`${block}\ndata\n\n`);
    }
  };
  return { parser, read };
}
