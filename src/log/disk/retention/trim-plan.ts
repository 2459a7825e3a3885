/** An event that has outlived its limits. */
export interface Removal {
  readonly pos: number;
  readonly stream: string;
  readonly id: number;
  readonly generated: boolean;
  readonly bytes: number;
  /** Whether the limits for all streams count it. */
  readonly counted: boolean;
}

/** Some of what is due, to be removed in one transaction. */
export class TrimPlan {
  readonly #limit: number;
  readonly removals = new Map<number, Removal>();
  readonly #kept = new Map<number, Removal>();
  readonly finishedPurges: string[] = [];
  /** Everything up to here has been looked at by then. */
  examined: number;
  /** It takes as much as it may, so more may be due; false once it has found nothing more. */
  isFull = true;
  oldestTime: number | undefined;

  /** @param limit how much it may take: events, and purges that it finds finished */
  constructor(limit: number, examined: number, oldestTime: number | undefined) {
    this.#limit = limit;
    this.examined = examined;
    this.oldestTime = oldestTime;
  }

  /** How much more it may take. */
  get left(): number {
    return Math.max(0, this.#limit - this.removals.size - this.finishedPurges.length);
  }

  /** Latest events of state streams that the limits have reached but leave, oldest first. */
  get kept(): Removal[] {
    return [...this.#kept.values()];
  }

  /** An event that it has already stays as it was first planned. One that was to stay goes after all. */
  add(removal: Removal): void {
    this.#kept.delete(removal.pos);
    if (!this.removals.has(removal.pos)) {
      this.removals.set(removal.pos, removal);
    }
  }

  keep(removal: Removal): void {
    this.#kept.set(removal.pos, removal);
  }

  /** What it takes off the limits for all streams. */
  get counted(): { events: number; bytes: number } {
    const counted = [...this.removals.values()].filter((removal) => removal.counted);
    return { events: counted.length, bytes: counted.reduce((sum, removal) => sum + removal.bytes, 0) };
  }
}
