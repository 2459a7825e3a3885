/** What is stored of a stream beside its events. */
export interface Row {
  /** Stands for the name in the index. */
  readonly id: number;
  readonly published: boolean;
  /** Newest position removed by retention or purge; 0 for none. */
  readonly trimmedTo: number;
  /** Everything up to here was purged, and is removed if it is still there. */
  readonly purgedTo: number;
  /** Newest position ever, when the row was written. */
  readonly last: number;
}

/**
 * The retained events of a stream by their two kinds, because retention treats them apart: each event links to the one
 * before it of its own kind, so that one that is missing is noticed.
 */
export class DiskStream {
  row: Row;
  /** Newest position ever. */
  last: number;
  published = 0;
  publishedBytes = 0;
  publishedLast = 0;
  /** Positions of the generators' events, ascending; retention keeps them few. */
  readonly generated: number[] = [];

  constructor(row: Row) {
    this.row = row;
    this.last = row.last;
  }

  /** Newest retained position of a kind; 0 when there is none. */
  lastOf(generated: boolean): number {
    return generated ? (this.generated.at(-1) ?? 0) : this.publishedLast;
  }

  added(pos: number, generated: boolean, bytes: number): void {
    this.last = Math.max(this.last, pos);
    if (generated) {
      this.generated.push(pos);
    } else {
      this.published++;
      this.publishedBytes += bytes;
      this.publishedLast = pos;
    }
  }

  removed(pos: number, generated: boolean, bytes: number): void {
    if (generated) {
      this.generated.splice(this.generated.indexOf(pos), 1);
    } else {
      this.published--;
      this.publishedBytes -= bytes;
      this.publishedLast = pos === this.publishedLast ? 0 : this.publishedLast;
    }
  }

  /** Nothing is retained any more. */
  clear(): void {
    this.generated.length = 0;
    this.published = 0;
    this.publishedBytes = 0;
    this.publishedLast = 0;
  }
}
