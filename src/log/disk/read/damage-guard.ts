import { SluiceError } from '../../../errors.js';
import type { DiskState } from '../disk-state.js';
import { DamageError } from '../errors.js';
import { addLosses } from '../losses.js';
import type { DiskLogOptions } from '../start/open.js';

type Options = Pick<DiskLogOptions, 'onDamage' | 'onDamageFound'>;

/** Reads what may have been damaged since the start found it whole. Each damaged event is told of once. */
export class DamageGuard {
  readonly #state: DiskState;
  readonly #options: Options;
  readonly #told = new Set<number>();

  constructor(state: DiskState, options: Options) {
    this.#state = state;
    this.#options = options;
  }

  /**
   * What `read` finds; when damage is to be skipped, without what is damaged, which counts as lost from now on.
   * @throws SluiceError 503 when it is not to be skipped
   */
  read<T>(read: () => T): T {
    for (;;) {
      try {
        return read();
      } catch (error) {
        if (!(error instanceof DamageError) || error.position === undefined) {
          throw error;
        }
        this.#found(error.message, error.position);
      }
    }
  }

  #found(what: string, position: number): void {
    const { onDamage, onDamageFound } = this.#options;
    if (!this.#told.has(position)) {
      this.#told.add(position);
      onDamageFound(what);
    }
    if (onDamage === 'refuse') {
      const message = `${what}: restore a backup, or restart with DAMAGED=skip to go on without it`;
      throw new SluiceError('SLUICE_LOG_DAMAGED', 503, message);
    }
    // Not written down: the next start finds the damage itself.
    this.#state.losses = addLosses(this.#state.losses, [{ from: position, to: position }]);
  }
}
