import type { Clock } from '../../clock.js';
import { WatchedFile } from '../../files/watched-file.js';
import type { Principal } from '../principal.js';
import { parseKeyList } from './key-list.js';
import { KeyRing } from './key-ring.js';

/** Told of the file of API keys. */
export interface KeyReport {
  /** It was read, at the start or after a change; so many keys hold now. */
  loaded(keys: number): void;
  /** It cannot be used as it is now; the keys it had before go on. */
  rejected(error: Error): void;
}

/** The API keys of a file, as they are at the moment. */
export class KeyFile {
  readonly #ring = new KeyRing();
  readonly #file: WatchedFile;

  /** @throws Error when the file cannot be read or used */
  constructor(path: string, clock: Clock, report: KeyReport) {
    this.#file = new WatchedFile([path], clock, {
      changed: (text) => {
        this.#ring.replace(parseKeyList(text));
        report.loaded(this.#ring.size);
      },
      failed: report.rejected,
    });
    this.#file.open();
  }

  find(secret: string): Principal | undefined {
    return this.#ring.find(secret);
  }

  close(): void {
    this.#file.close();
  }
}
