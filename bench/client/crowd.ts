import { setTimeout as sleep } from 'node:timers/promises';
import { FIRST } from './payload.js';
import type { Audience, Target } from './protocol.js';
import { Watcher } from './watcher.js';

const PARALLEL = 200;
const DEADLINE_MS = 60_000;

/** All watchers of one server, and the tally of what they get. */
export class Crowd {
  readonly watchers: readonly Watcher[];
  delivered = 0;
  faults = 0;
  closed = 0;
  reads = 0;
  /** Called for each delivery, with the time of the read it came by. */
  onEvent: (n: number, now: number) => void = () => {};
  readonly #target: Target;
  readonly #streams: number;
  readonly #busy: number;
  #ready = 0;
  #now = 0;

  constructor(target: Target, { watchers, streams, busy, size }: Required<Audience>) {
    this.#target = target;
    this.#streams = streams;
    this.#busy = busy;
    this.watchers = Array.from({ length: watchers }, (_, i) => {
      const first = FIRST + (i % streams);
      return new Watcher(first - busy, size, {
        ready: () => this.#ready++,
        read: () => this.#read(),
        event: (watcher, n) => this.#event(watcher, n),
        closed: () => this.closed++,
      });
    });
  }

  /**
   * Connects those that are not. Resolves when the head of each answer is there.
   * @param parallel connections under way at once
   */
  async connect(cursor?: string, parallel = PARALLEL): Promise<void> {
    const deadline = performance.now() + DEADLINE_MS;
    const [ready, closed] = [this.#ready, this.closed];
    let opened = 0;
    for (const [i, watcher] of this.watchers.entries()) {
      if (watcher.isConnected) {
        continue;
      }
      watcher.connect(this.#target.port, this.#target.watch.replace('{}', `s${i % this.#streams}`), cursor);
      opened++;
      await until(() => opened - (this.#ready - ready) - (this.closed - closed) < parallel, deadline);
    }
    await until(() => this.#ready - ready + this.closed - closed >= opened, deadline);
  }

  #read(): void {
    this.#now = performance.now();
    this.reads++;
  }

  #event(watcher: Watcher, n: number): void {
    if (n !== watcher.last + this.#busy) {
      this.faults++;
    }
    watcher.last = n;
    this.delivered++;
    this.onEvent(n, this.#now);
  }
}

/** Polls, because a condition here changes thousands of times a second. */
export async function until(condition: () => boolean, deadline: number): Promise<void> {
  while (!condition()) {
    if (performance.now() > deadline) {
      throw new Error('the server took too long');
    }
    await sleep(1);
  }
}
