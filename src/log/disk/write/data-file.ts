import { statSync } from 'node:fs';
import { join } from 'node:path';
import { DamageError } from '../errors.js';

/** The file that a log writes to. It can be written even when it is gone from its directory, but no start finds it then. */
export class DataFile {
  readonly #directory: string;
  readonly #id: string | undefined;

  /** @param directory whose file is open */
  constructor(directory: string) {
    this.#directory = directory;
    this.#id = this.#read();
  }

  /** @throws DamageError when another file is in its place, or none */
  check(): void {
    if (this.#read() !== this.#id) {
      throw new DamageError(`data.mdb was removed from ${this.#directory}, or replaced, while the server runs`);
    }
  }

  #read(): string | undefined {
    const stat = statSync(join(this.#directory, 'data.mdb'), { throwIfNoEntry: false });
    return stat && `${stat.dev}/${stat.ino}`;
  }
}
