import { writeSync } from 'node:fs';
import type { DestinationStream } from 'pino';

const STDOUT = 1;
const STDERR = 2;
/** pino's number for a warning: it and what is worse are written at once, with all before them. */
const WARN = 40;
/** Time for which other lines wait for more, so that those of many watchers that come at once are few writes. */
const GATHER_MS = 50;
const MAX_GATHERED = 16 * 1024;
const LINE_FEED = 0x0a;
const METADATA: unique symbol = Symbol.for('pino.metadata');

/**
 * Standard output, by whole lines. Where it cannot be written, because its disk is full or its reader has gone, lines
 * are lost and the server goes on: standard error says so, and the next line that can be written how many they were.
 */
export class LogOutput implements DestinationStream {
  /** Has pino set `lastLevel` before each line. */
  readonly [METADATA] = true;
  lastLevel = 0;
  readonly #onLost: (lines: number) => void;
  #lines = '';
  #timer: NodeJS.Timeout | undefined;
  #isBroken = false;
  #lost = 0;

  /** @param onLost told of lost lines, once lines can be written again */
  constructor(onLost: (lines: number) => void) {
    this.#onLost = onLost;
    process.once('exit', () => this.#flush());
  }

  write(line: string): void {
    this.#lines += line;
    if (this.lastLevel >= WARN || this.#lines.length >= MAX_GATHERED) {
      this.#flush();
    } else {
      this.#timer ??= setTimeout(() => this.#flush(), GATHER_MS).unref();
    }
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const lines = this.#lines;
    this.#lines = '';
    if (lines !== '') {
      this.#put(lines);
    }
  }

  #put(lines: string): void {
    const wasBroken = this.#isBroken;
    // What was broken off stays a line of its own.
    const start = wasBroken ? '\n' : '';
    const lost = this.#tryToWrite(Buffer.from(start + lines), start.length);
    this.#isBroken = lost > 0;
    this.#lost += lost;
    if (wasBroken && !this.#isBroken) {
      this.#onLost(this.#lost);
      // The line about it may have been lost, too.
      this.#lost = this.#isBroken ? this.#lost : 0;
    }
  }

  /** Returns how many lines were not written whole. */
  #tryToWrite(bytes: Buffer, start: number): number {
    let written = 0;
    try {
      while (written < bytes.length) {
        written += writeOrWait(bytes.subarray(written));
      }
      return 0;
    } catch (error) {
      if (this.#lost === 0) {
        complain(error as Error);
      }
      return bytes.subarray(Math.max(written, start)).filter((byte) => byte === LINE_FEED).length;
    }
  }
}

/** Waits for a reader that does not keep up, as writing to a pipe does unless somebody has made it non-blocking. */
function writeOrWait(bytes: Buffer): number {
  try {
    return writeSync(STDOUT, bytes);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') {
      throw error;
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    return 0;
  }
}

function complain({ message }: Error): void {
  try {
    writeSync(STDERR, `sluice: log lines are lost, standard output cannot be written: ${message}\n`);
  } catch {
    // Then there is nobody to tell.
  }
}
