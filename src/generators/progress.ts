import { EventEmitter } from 'node:events';
import { createProgress, type Progress } from '../events/progress.js';
import type { Generator } from './generator.js';

const TOTAL = 100;

/** A simulated long-running job that tells its progress through an emitter, as a real worker would. */
export class Worker extends EventEmitter<{ progress: [Progress] }> {
  #moved = 0;

  /** Does one part of the work; after the last it begins again. */
  step(): void {
    this.emit('progress', createProgress(this.#moved, TOTAL));
    this.#moved = this.#moved === TOTAL ? 0 : this.#moved + 1;
  }
}

/** The progress of a simulated worker, 0 to 100 %, starting again. */
export function createProgressGenerator(intervalMs: number): Generator {
  const worker = new Worker();
  let latest = createProgress(0, TOTAL);
  worker.on('progress', (progress) => {
    latest = progress;
  });
  return {
    stream: 'progress',
    type: 'progress',
    intervalMs,
    next: () => {
      worker.step();
      return latest;
    },
  };
}
