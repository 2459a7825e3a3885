import { setTimeout as sleep } from 'node:timers/promises';
import type { Line } from './line.js';

/** What happens to the bytes of one direction of a line. */
export type Fault = (bytes: AsyncIterable<Buffer>, line: Line) => AsyncIterable<Buffer>;

const TICK_MS = 10;

export const none: Fault = (bytes) => bytes;

/** Latency: what has come waits before it goes on. */
export function delay(ms: number): Fault {
  return async function* (bytes) {
    for await (const chunk of bytes) {
      await sleep(ms);
      yield chunk;
    }
  };
}

/** A thin line. Nothing is read before the last bytes have gone on, so the sender feels it. */
export function throttle(bytesPerSecond: number): Fault {
  const size = Math.ceil((bytesPerSecond * TICK_MS) / 1000);
  return async function* (bytes) {
    for await (const chunk of bytes) {
      for (let at = 0; at < chunk.length; at += size) {
        yield chunk.subarray(at, at + size);
        await sleep(TICK_MS);
      }
    }
  };
}

/** The line breaks when so many bytes have gone on, wherever in a frame that is; the count is asked for on each line. */
export function cutAfter(count: () => number, how: 'reset' | 'fin'): Fault {
  return (bytes, line) => after(count(), bytes, () => line.cut(how));
}

/** The line falls silent when so many bytes have gone on: nobody is told, and both ends keep their sockets. */
export function freezeAfter(count: () => number): Fault {
  return (bytes, line) => after(count(), bytes, () => line.freeze());
}

async function* after(count: number, bytes: AsyncIterable<Buffer>, act: () => void): AsyncGenerator<Buffer> {
  let left = count;
  for await (const chunk of bytes) {
    if (left >= 0 && chunk.length >= left) {
      yield chunk.subarray(0, left);
      act();
      yield chunk.subarray(left);
    } else {
      yield chunk;
    }
    left -= chunk.length;
  }
}
