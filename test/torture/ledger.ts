import { parseCursor } from '../../src/events/cursor.js';
import { matches, type Selection } from '../../src/events/selection.js';

/** An event as its publisher knows it. */
interface Entry {
  readonly id: string;
  readonly stream: string;
  /** Tells it from every other event. */
  readonly name: string;
}

/** What publishers were told: the truth that everything else is held against. */
export class Ledger {
  /** By position; complete as soon as every publisher has its last answer. */
  readonly #entries = new Map<number, Entry>();
  readonly complaints: string[] = [];

  get size(): number {
    return this.#entries.size;
  }

  acknowledge(entry: Entry): void {
    const pos = positionOf(entry.id);
    const known = this.#entries.get(pos);
    if (known === undefined) {
      this.#entries.set(pos, entry);
    } else if (known.id !== entry.id || known.name !== entry.name) {
      this.complaints.push(`${entry.name} and ${known.name} were both given ${entry.id}`);
    }
  }

  /** The server's own figures have no publisher: whoever sees one first vouches for it. */
  witness(id: string): void {
    this.acknowledge({ id, stream: 'metrics', name: 'metrics' });
  }

  at(pos: number): Entry | undefined {
    return this.#entries.get(pos);
  }

  /** Positions of a selection in `from < pos <= to`. */
  wanted(selection: Selection, from: number, to: number): number[] {
    const found: number[] = [];
    for (let pos = from + 1; pos <= to; pos++) {
      if (matches(selection, this.#entries.get(pos)?.stream ?? '')) {
        found.push(pos);
      }
    }
    return found;
  }

  /** An event stored twice takes a position that nobody was told of. */
  checkWhole(): void {
    for (let pos = 1; pos <= this.size; pos++) {
      if (!this.#entries.has(pos)) {
        this.complaints.push(`position ${pos} holds an event that was never acknowledged`);
      }
    }
  }
}

export function positionOf(id: string): number {
  const cursor = parseCursor(id);
  if (cursor === undefined) {
    throw new Error(`'${id}' is no cursor`);
  }
  return cursor.pos;
}
