import { stat } from 'node:fs/promises';
import type { Clock, Timer } from '../clock.js';
import { readText, readTextSync } from './text-file.js';

/** Also the time for a change to be complete: files that belong together are replaced one after the other. */
const POLL_MS = 250;
/** A look takes a millisecond; one that others have waited for so often does not end, and holds one of four threads. */
const MAX_WAITS = 40;

/** Told of changes of files. */
interface FileWatcher {
  /** The content of each. @throws Error for one that cannot be used */
  changed(...texts: string[]): void;
  /** They cannot be read or used any more; told once, until they are others. */
  failed(error: Error): void;
}

/**
 * Looks at files four times a second and tells when they are others, and stay so until the next look. Notices of the system
 * would miss a file that is replaced by rename, by a link anywhere in its path (Kubernetes), or on a network or container
 * mount.
 */
export class WatchedFile {
  readonly #paths: readonly string[];
  readonly #clock: Clock;
  readonly #watcher: FileWatcher;
  #timer: Timer | undefined;
  #isLooking = false;
  /** How often it was time for the next look while one was under way. */
  #waits = 0;
  /** Of the last look. */
  #seen = '';
  /** Of what was read last. */
  #stamp = '';
  #texts: readonly string[] = [];

  constructor(paths: readonly string[], clock: Clock, watcher: FileWatcher) {
    this.#paths = paths;
    this.#clock = clock;
    this.#watcher = watcher;
  }

  /** Reads them for the first time, and watches them from then on. @throws Error when one cannot be read or used */
  open(): void {
    this.#take(this.#paths.map(readTextSync));
    this.#timer = this.#clock.setInterval(() => this.#look(), POLL_MS);
  }

  close(): void {
    this.#clock.clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    if (this.#isLooking) {
      this.#wait();
      return;
    }
    this.#isLooking = true;
    this.#waits = 0;
    const stamp = (await Promise.all(this.#paths.map(stampOf))).join();
    const isSettled = stamp === this.#seen;
    this.#seen = stamp;
    if (isSettled && stamp !== this.#stamp) {
      await this.#read(stamp);
    }
    this.#isLooking = false;
  }

  #wait(): void {
    this.#waits++;
    if (this.#waits === MAX_WAITS) {
      this.#forget('');
      this.#watcher.failed(new Error('reading it does not end: its file system may hang'));
    }
  }

  /** The stamp is from before the content: what is written between the two is seen the next time. */
  async #read(stamp: string): Promise<void> {
    try {
      const texts = await Promise.all(this.#paths.map(readText));
      this.#stamp = stamp;
      this.#take(texts);
    } catch (error) {
      this.#fail(error as NodeJS.ErrnoException);
    }
  }

  #take(texts: readonly string[]): void {
    if (texts.some((text, at) => text !== this.#texts[at])) {
      this.#texts = texts;
      this.#watcher.changed(...texts);
    }
  }

  /** What was good before, and comes back, is told of again. */
  #forget(stamp: string): void {
    this.#stamp = stamp;
    this.#texts = [];
  }

  #fail(error: NodeJS.ErrnoException): void {
    const { code } = error;
    // Files that cannot be read have the error as their stamp; ones that cannot be used have a stamp of their own already.
    if (code === undefined || code !== this.#stamp) {
      this.#forget(code ?? this.#stamp);
      this.#watcher.failed(error);
    }
  }
}

/** What a file is known by from one look to the next: without one, why there is none. */
async function stampOf(path: string): Promise<string> {
  try {
    const { ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
    return `${ino} ${size} ${mtimeNs} ${ctimeNs}`;
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  }
}
