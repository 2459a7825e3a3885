import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { openDiskLog } from '../../../src/log/disk/start/open.js';
import type { EventLog } from '../../../src/log/event-log.js';
import { MemoryLog } from '../../../src/log/memory/memory-log.js';
import type { Retention } from '../../../src/log/retention.js';
import type { TestClock } from '../../support/clock.js';

/** Where logs are kept: what an operator can do to them. */
export interface Storage {
  /** Whether a log that is closed, or copied, can be opened again. */
  readonly isLasting: boolean;
  /** Opens the present log. */
  open(retention: Retention, clock: TestClock): Promise<EventLog>;
  /** Makes what is stored at this moment the present log, as when the process were killed now. */
  crash(): void;
  backup(): void;
  /** Makes the last backup the present log; false when there is none. */
  restore(): boolean;
}

/** In directories under `root`, each new one a copy. */
export class DiskStorage implements Storage {
  readonly isLasting = true;
  readonly #root: string;
  #count = 0;
  #present: string;
  #backup: string | undefined;

  constructor(root: string) {
    this.#root = root;
    this.#present = join(root, '0');
    mkdirSync(root, { recursive: true });
  }

  open(retention: Retention, clock: TestClock): Promise<EventLog> {
    const fail = (reason: string | undefined) => {
      throw new Error(`the log has a problem: ${reason}`);
    };
    const options = { directory: this.#present, retention, clock, onDamage: 'refuse' as const };
    return openDiskLog({ ...options, onProblem: fail, onDamageFound: fail });
  }

  crash(): void {
    this.#present = this.#copy(this.#present);
  }

  backup(): void {
    this.#backup = this.#copy(this.#present);
  }

  restore(): boolean {
    this.#present = this.#backup === undefined ? this.#present : this.#copy(this.#backup);
    return this.#backup !== undefined;
  }

  /** In one turn, so that at most one commit is under way: the copy has all of it or nothing. */
  #copy(from: string): string {
    const to = join(this.#root, String(++this.#count));
    cpSync(from, to, { recursive: true });
    return to;
  }
}

/** In memory nothing is left after the process. */
export class MemoryStorage implements Storage {
  readonly isLasting = false;

  async open(retention: Retention, clock: TestClock): Promise<EventLog> {
    return new MemoryLog(retention, clock);
  }

  crash(): void {}

  backup(): void {}

  restore(): boolean {
    return true;
  }
}
