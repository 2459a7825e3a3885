import { readSync } from 'node:fs';

const MIN_BYTES = 4096;
const MAX_BYTES = 256 * 1024;

/**
 * Reads pieces of a file, each once. What lies behind a piece is read with it, and more of it the more of that was
 * wanted: pages lie in the order of their keys in a young file, and in none in an old one.
 */
export class ReadAhead {
  readonly #fd: number;
  readonly #block = Buffer.allocUnsafeSlow(MAX_BYTES);
  /** What of the file is in the block, and how much of that was wanted. */
  #from = 0;
  #bytes = 0;
  #wanted = 0;
  #size = MIN_BYTES;

  constructor(fd: number) {
    this.#fd = fd;
  }

  /** @returns bytes read: fewer than asked for at the end of the file */
  read(piece: Buffer, from: number): number {
    if (piece.length > MAX_BYTES) {
      return readSync(this.#fd, piece, 0, piece.length, from);
    }
    if (from < this.#from || from + piece.length > this.#from + this.#bytes) {
      this.#load(from, piece.length);
    }
    this.#wanted += piece.length;
    const at = from - this.#from;
    return this.#block.copy(piece, 0, at, Math.min(at + piece.length, this.#bytes));
  }

  #load(from: number, least: number): void {
    const wasWorthIt = this.#wanted * 4 > this.#bytes;
    const size = wasWorthIt ? Math.min(this.#size * 2, MAX_BYTES) : Math.max(this.#size / 2, MIN_BYTES);
    this.#size = Math.max(size, least);
    this.#from = from;
    this.#bytes = readSync(this.#fd, this.#block, 0, this.#size, from);
    this.#wanted = 0;
  }
}
