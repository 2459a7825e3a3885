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

  /** The interpretation of WHATWG HTML §9.2.6. */
  function read(block: string, isWhole: boolean): void {
    const data: string[] = [];
    let type: string | undefined;
    let id: string | undefined;
    for (const line of block.split('\n')) {
      const [, field, value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
      if (field === 'data') {
        data.push(value);
      } else if (field === 'event') {
        type = value || undefined;
      } else if (field === 'id' && !value.includes('\0')) {
        id = value;
      } else if (field === 'retry' && /^\d+$/.test(value)) {
        onRetry(Number(value));
      }
    }
    if (isWhole && id !== undefined) {
      onId(id);
    }
    if (isWhole && data.length > 0) {
      onFrame(type, data.join('\n'));
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
        read(pending.slice(start, end), true);
        start = end + 2;
      }
      pending = pending.slice(start);
    },
    finish() {
      if (!signal.aborted) {
        read(pending.slice(0, Math.max(0, pending.lastIndexOf('\n'))), false);
      }
    },
  };
}
