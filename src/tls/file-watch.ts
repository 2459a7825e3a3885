import { type FSWatcher, watch } from 'node:fs';
import { dirname } from 'node:path';

/** Files that belong together are replaced one after the other. */
const SETTLE_MS = 100;

/**
 * Tells that files may have changed, until it is closed. Their directories are watched, because what renews a file
 * replaces it, or a link on the way to it, rather than write into it.
 */
export class FileWatch {
  readonly #watchers: FSWatcher[];
  readonly #changed: () => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(paths: readonly string[], changed: () => void) {
    this.#changed = changed;
    const directories = new Set(paths.map((path) => dirname(path)));
    this.#watchers = [...directories].map((directory) => this.#watch(directory));
  }

  close(): void {
    clearTimeout(this.#timer);
    for (const watcher of this.#watchers) {
      watcher.close();
    }
  }

  #watch(directory: string): FSWatcher {
    const watcher = watch(directory, { persistent: false }, () => {
      this.#timer ??= setTimeout(() => this.#settled(), SETTLE_MS);
    });
    // A directory that is taken away has no news any more.
    return watcher.on('error', () => watcher.close());
  }

  #settled(): void {
    this.#timer = undefined;
    this.#changed();
  }
}
