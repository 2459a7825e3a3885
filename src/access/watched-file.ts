import { readFileSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import type { Clock, Timer } from '../clock.js';

const POLL_MS = 250;

/** Told of a file's changes. */
export interface FileWatcher {
  /** @throws Error for a content that cannot be used */
  changed(text: string): void;
  /** The file cannot be read or used any more; told once, until it is another. */
  failed(error: Error): void;
}

/**
 * Looks at a file four times a second and tells when it is another. Notices of the system would miss a file that is
 * replaced by rename, by a link in its path (Kubernetes), or on a network or container mount.
 */
export class WatchedFile {
  readonly #path: string;
  readonly #clock: Clock;
  readonly #watcher: FileWatcher;
  #timer: Timer | undefined;
  #stamp = '';
  #text: string | undefined;

  constructor(path: string, clock: Clock, watcher: FileWatcher) {
    this.#path = path;
    this.#clock = clock;
    this.#watcher = watcher;
  }

  /** Reads it for the first time, and watches it from then on. @throws Error when it cannot be read or used */
  open(): void {
    this.#take(readFileSync(this.#path, 'utf8'));
    this.#wait();
  }

  close(): void {
    if (this.#timer !== undefined) {
      this.#clock.clearTimeout(this.#timer);
      this.#timer = undefined;
    }
  }

  #wait(): void {
    this.#timer = this.#clock.setTimeout(() => this.#look(), POLL_MS);
  }

  async #look(): Promise<void> {
    try {
      await this.#compare();
    } catch (error) {
      this.#fail(error as NodeJS.ErrnoException);
    }
    if (this.#timer !== undefined) {
      this.#wait();
    }
  }

  /** The stamp is taken before the content: what is written between the two is seen the next time. */
  async #compare(): Promise<void> {
    const { ino, size, mtimeNs, ctimeNs } = await stat(this.#path, { bigint: true });
    const stamp = `${ino} ${size} ${mtimeNs} ${ctimeNs}`;
    if (stamp !== this.#stamp) {
      const text = await readFile(this.#path, 'utf8');
      this.#stamp = stamp;
      this.#take(text);
    }
  }

  #take(text: string): void {
    if (text !== this.#text) {
      this.#text = text;
      this.#watcher.changed(text);
    }
  }

  #fail(error: NodeJS.ErrnoException): void {
    const { code } = error;
    // A file that cannot be read has its error as its stamp; one that cannot be used has a stamp of its own already.
    if (code === undefined || code !== this.#stamp) {
      this.#stamp = code ?? this.#stamp;
      this.#watcher.failed(error);
    }
  }
}
