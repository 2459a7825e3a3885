import type { DiskStream, Row } from '../disk-stream.js';
import { LastPositions } from '../last-positions.js';

/** The rows of streams that a commit begins or changes, prepared against the committed ones. */
export class RowChanges {
  /** By stream. */
  readonly rows = new Map<string, Row>();
  readonly #lasts = new LastPositions();
  readonly #streams: ReadonlyMap<string, DiskStream>;
  readonly #floor: number;
  #nextId: number;

  /** @param floor position up to which a stream that begins counts as trimmed */
  constructor(streams: ReadonlyMap<string, DiskStream>, nextId: number, floor: number) {
    this.#streams = streams;
    this.#nextId = nextId;
    this.#floor = floor;
  }

  /** How many streams begin. */
  get begun(): number {
    return [...this.rows.keys()].filter((stream) => !this.#streams.has(stream)).length;
  }

  touches(stream: string): boolean {
    return this.rows.has(stream) || this.#lasts.newestOf(stream) > 0;
  }

  /** The row of a stream, which begins with it if there is none. */
  of(stream: string): Row {
    const known = this.rows.get(stream) ?? this.#streams.get(stream)?.row;
    if (known !== undefined) {
      return known;
    }
    const row = { id: this.#nextId++, published: false, trimmedTo: this.#floor, purgedTo: 0, last: 0 };
    this.rows.set(stream, row);
    return row;
  }

  change(stream: string, change: Partial<Row>): void {
    this.rows.set(stream, { ...this.of(stream), last: this.lastOf(stream), ...change });
  }

  /** An event is appended. @returns the position of the one before it, of its own kind; 0 when there is none */
  append(stream: string, generated: boolean, pos: number): number {
    const previous = this.#lasts.get(stream, generated) ?? this.#streams.get(stream)?.lastOf(generated) ?? 0;
    this.#lasts.set(stream, generated, pos);
    return previous;
  }

  /** The newest position of a stream, with what is appended. */
  lastOf(stream: string): number {
    return Math.max(this.#lasts.newestOf(stream), this.#streams.get(stream)?.last ?? 0);
  }
}
