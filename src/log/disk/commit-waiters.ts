/** Those who wait for the end of a commit of events; a commit of retention alone is none. */
export class CommitWaiters {
  /** Whether events are in the commit under way. */
  #isStoring = false;
  readonly #waiting: (() => void)[] = [];

  /** A commit begins. */
  begun(events: number): void {
    this.#isStoring = events > 0;
  }

  /** It has ended. After one of retention alone, whoever waits goes on waiting while there are events to come. */
  ended(isMoreToCome: boolean): void {
    if (this.#isStoring || !isMoreToCome) {
      for (const resolve of this.#waiting.splice(0)) {
        resolve();
      }
    }
    this.#isStoring = false;
  }

  /** Resolves when the commit of events that is under way or about to begin has ended; undefined when there is none. */
  next(isToCome: boolean): Promise<void> | undefined {
    return this.#isStoring || isToCome ? new Promise((resolve) => this.#waiting.push(resolve)) : undefined;
  }
}
