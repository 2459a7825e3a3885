import { statfsSync } from 'node:fs';
import { SluiceError } from '../../errors.js';

/** With less room than this on its file system a failed write is put down to a full disk. */
const ROOM_BYTES = 1024 * 1024;
const RETRY_MS = 1000;
/** Linux' number for «no space left on device», as lmdb passes it on. */
const ENOSPC = 28;

/**
 * Why the log takes no events, if it does not. A full disk heals: a write is tried again every second. After any other
 * failed write nobody can tell what is on disk, so the log stays read-only until the next start has verified it.
 */
export class Problem {
  readonly #directory: string;
  #isFull = false;
  #retryAt = 0;
  #reason: string | undefined;

  constructor(directory: string) {
    this.#directory = directory;
  }

  get reason(): string | undefined {
    return this.#reason;
  }

  /** Whether a write may be tried now. */
  mayWrite(now: number): boolean {
    return this.#reason === undefined || (this.#isFull && now >= this.#retryAt);
  }

  /** A write has failed. */
  failed(error: Error, now: number): void {
    this.#isFull = (error as { code?: unknown }).code === ENOSPC || this.#roomBytes() < ROOM_BYTES;
    this.#retryAt = now + RETRY_MS;
    this.#reason = this.#isFull ? 'the disk is full' : `a write to the log failed: ${error.message}`;
  }

  /** The log must not be written any more, whatever comes. */
  stop(reason: string): void {
    this.#isFull = false;
    this.#reason = reason;
  }

  healed(): void {
    this.#isFull = false;
    this.#reason = undefined;
  }

  /** What a publisher is told. */
  error(): SluiceError {
    return this.#isFull
      ? new SluiceError(
          'SLUICE_DISK_FULL',
          507,
          'the disk is full: nothing was stored; publish again when there is room',
        )
      : new SluiceError('SLUICE_LOG_READ_ONLY', 503, `the log is read-only: ${this.#reason}`);
  }

  #roomBytes(): number {
    const { bavail, bsize } = statfsSync(this.#directory);
    return bavail * bsize;
  }
}
