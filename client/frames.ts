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
export function createFrameReader({ onFrame, onId, onRetry }: FrameHandlers, signal: AbortSignal): FrameReader {
  const decode = createLineDecoder();
  let pending = '';
  let dispatched = false;
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

  function setId(id: string | undefined): void {
    if (id !== undefined) {
      onId(id);
    }
  }

  function read(block: string): void {
    dispatched = false;
    parser.feed(`${block}\n`);
    if (!dispatched) {
      prober.feed(`${block}data\n\n`);
    }
  }

  return {
    feed(chunk) {
      const known = Math.max(0, pending.length - 1);
      pending += decode(chunk);
      let start = 0;
      for (
        let end = pending.indexOf('\n\n', known);
        end !== -1 && !signal.aborted;
        end = pending.indexOf('\n\n', start)
      ) {
        read(pending.slice(start, end + 1));
        start = end + 2;
      }
      pending = pending.slice(start);
    },
    finish() {
      if (!signal.aborted) {
        parser.feed(pending.slice(0, pending.lastIndexOf('\n') + 1));
      }
    },
  };
}
