import { writeSync } from 'node:fs';
import { type DestinationStream, pino } from 'pino';

/**
 * Standard output, a line at a time. Where it cannot be written, because its disk is full or its reader has gone, lines
 * are lost and the server goes on: standard error says so, and the next line that can be written how many they were.
 */
export class LogOutput implements DestinationStream {
  #stdout = this.#open();
  #isBroken = false;
  #lost = 0;
  readonly #onLost: (lines: number) => void;

  /** @param onLost told of lost lines, once lines can be written again */
  constructor(onLost: (lines: number) => void) {
    this.#onLost = onLost;
  }

  write(line: string): void {
    if (!this.#isBroken) {
      this.#stdout.write(line);
      return;
    }
    this.#isBroken = false;
    // What was broken off stays a line of its own.
    this.#stdout.write(`\n${line}`);
    if (!this.#isBroken) {
      this.#onLost(this.#lost);
    }
    // The line about it may have been lost, too.
    if (!this.#isBroken) {
      this.#lost = 0;
    }
  }

  /** Asynchronous writes still under way at the exit would be overtaken by the last lines, which are flushed synchronously. */
  #open() {
    return pino.destination({ sync: true }).once('error', (error) => this.#fail(error));
  }

  /** Called before `write` returns. A destination that has failed would keep what it was given, and try it again and again. */
  #fail(error: Error): void {
    if (this.#lost++ === 0) {
      complain(error);
    }
    this.#isBroken = true;
    this.#stdout = this.#open();
  }
}

function complain({ message }: Error): void {
  try {
    writeSync(2, `sluice: log lines are lost, standard output cannot be written: ${message}\n`);
  } catch {
    // Then there is nobody to tell.
  }
}
