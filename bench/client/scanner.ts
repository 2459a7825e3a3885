const BRACE = 0x7b;
const QUOTE = 0x22;
const LETTER_N = 0x6e;
const ZERO = 0x30;
/** `{"n":` and seven digits. */
const HEAD_BYTES = 12;
const DIGITS_FROM = 5;

/**
 * Finds the events in a stream's bytes without parsing it: each payload begins with `{"n":` and its number, and its size is
 * known, so what lies within is stepped over.
 */
export class Scanner {
  #skip = 0;
  #cut: Buffer | undefined;

  /** Calls `found` with the number of each event that begins in the first `length` bytes. */
  scan(chunk: Buffer, length: number, size: number, found: (n: number) => void): void {
    if (this.#cut === undefined) {
      this.#scan(chunk, length, size, found);
    } else {
      const whole = Buffer.concat([this.#cut, chunk.subarray(0, length)]);
      this.#cut = undefined;
      this.#scan(whole, whole.length, size, found);
    }
  }

  #scan(buffer: Buffer, end: number, size: number, found: (n: number) => void): void {
    let at = this.#skip;
    for (;;) {
      while (at < end && buffer[at] !== BRACE) {
        at++;
      }
      if (at + HEAD_BYTES > end) {
        break;
      }
      if (isMark(buffer, at)) {
        found(numberAt(buffer, at + DIGITS_FROM));
        at += size;
      } else {
        at++;
      }
    }
    this.#skip = Math.max(0, at - end);
    if (at < end) {
      this.#cut = Buffer.from(buffer.subarray(at, end));
    }
  }
}

function isMark(buffer: Buffer, at: number): boolean {
  return buffer[at + 1] === QUOTE && buffer[at + 2] === LETTER_N && buffer[at + 3] === QUOTE;
}

function numberAt(buffer: Buffer, from: number): number {
  let n = 0;
  for (let i = from; i < from + HEAD_BYTES - DIGITS_FROM; i++) {
    n = n * 10 + (buffer[i] as number) - ZERO;
  }
  return n;
}
