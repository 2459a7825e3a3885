import { statfsSync } from 'node:fs';
import type { Clock } from '../../../clock.js';
import { SluiceError } from '../../../errors.js';
import { DamageError } from '../errors.js';
import { FlushError } from '../store/store.js';

/** With less room than this on its file system a failed write is put down to a full disk. */
const ROOM_BYTES = 1024 * 1024;
const FULL = 'the disk is full';
/** After which a full disk is tried again. */
const RETRY_MS = 1000;
/** A write takes milliseconds; one that takes so long waits for a disk that may never answer. */
const STALL_MS = 10_000;
/** Linux' numbers for «no space left on device» and «disk quota exceeded», as lmdb passes them on. */
const NO_SPACE: readonly unknown[] = [28, 122];

/**
 * Why the log takes no events, if it does not. A full disk heals: a write is tried again every second. After any other
 * failed write nobody can tell what is on disk, nor after a flush that finds the disk full; so the log stays read-only until
 * the next start has verified it. While one does not end, everything waits behind it.
 */
export class Problem {
  readonly #directory: string;
  readonly #clock: Clock;
  readonly #onChange: (reason: string | undefined) => void;
  #isFull = false;
  #failedAt = 0;
  #reason: string | undefined;

  /** @param onChange told why the log cannot be written any more, and (undefined) that it can again */
  constructor(directory: string, clock: Clock, onChange: (reason: string | undefined) => void) {
    this.#directory = directory;
    this.#clock = clock;
    this.#onChange = onChange;
  }

  get reason(): string | undefined {
    return this.#reason;
  }

  /** Whether a write may be tried now. */
  mayWrite(): boolean {
    return this.#reason === undefined || (this.#isFull && this.#clock.elapsed() - this.#failedAt >= RETRY_MS);
  }

  /** A write has failed, or must not be tried because of damage. */
  failed(error: Error): void {
    this.#isFull = this.#isForWantOfRoom(error);
    this.#failedAt = this.#clock.elapsed();
    const reason = error instanceof DamageError ? error.message : `a write to the log failed: ${error.message}`;
    this.#change(this.#isFull ? FULL : reason);
  }

  /** Waits for a write, and tells when it takes so long that whoever published should not be alone in knowing. */
  async watch(write: Promise<void>): Promise<void> {
    let isOver = false;
    const tell = () => isOver || this.#change('the disk does not finish a write');
    // A turn later: a process that was stopped itself finds its timer due before it learns of the write.
    const timer = this.#clock.setTimeout(() => setImmediate(tell), STALL_MS);
    try {
      await write;
    } finally {
      isOver = true;
      this.#clock.clearTimeout(timer);
    }
  }

  /**
   * A write has succeeded.
   * @param isMoved whether it has stored or removed events; a commit of nothing fits on a full disk, too
   */
  succeeded(isMoved: boolean): void {
    this.#isFull &&= !isMoved && this.#roomBytes() < ROOM_BYTES;
    this.#change(this.#isFull ? FULL : undefined);
  }

  /** What a publisher is told. */
  error(): SluiceError {
    return this.#isFull
      ? new SluiceError(
          'SLUICE_DISK_FULL',
          507,
          'the disk is full: nothing was stored; publish again when there is room',
        )
      : new SluiceError(
          'SLUICE_LOG_READ_ONLY',
          503,
          `the log is read-only until the server has been restarted and has verified it: ${this.#reason}`,
        );
  }

  #change(reason: string | undefined): void {
    if (reason !== this.#reason) {
      this.#reason = reason;
      this.#onChange(reason);
    }
  }

  /** Whether nothing of a write is there, because there was no room for it. */
  #isForWantOfRoom(error: Error): boolean {
    const isUnknown = error instanceof DamageError || error instanceof FlushError;
    return !isUnknown && (NO_SPACE.includes((error as { code?: unknown }).code) || this.#roomBytes() < ROOM_BYTES);
  }

  #roomBytes(): number {
    try {
      const { bavail, bsize } = statfsSync(this.#directory);
      return bavail * bsize;
    } catch {
      // Where there is no directory any more, room is not what is missing.
      return ROOM_BYTES;
    }
  }
}
