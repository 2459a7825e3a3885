import type { Clock, Timer } from '../../clock.js';
import { SluiceError } from '../../errors.js';
import { type Cursor, formatCursor } from '../../events/cursor.js';
import type { NewEvent, StoredEvent } from '../../events/event.js';
import type { Selection } from '../../events/selection.js';
import type { Appended, EventLog, LogListener, LogUsage, Page } from '../event-log.js';
import type { KnownStreams } from '../known-streams.js';
import { checkNoListener, logClosed } from '../misuse.js';
import type { Claim, Receipt } from '../receipts.js';
import { RETENTION_CHECK_MS, type Retention } from '../retention.js';
import type { DiskState } from './disk-state.js';
import { DamageGuard } from './read/damage-guard.js';
import { readEvent, readPage, readTail } from './read/event-pages.js';
import type { DiskLogOptions } from './start/open.js';
import { peekTime } from './store/record.js';
import { unseal } from './store/sealed.js';
import { positionKey, positionsOf } from './store/store.js';
import type { Writer } from './write/writer.js';

/** The log on disk: what was acknowledged survives the process, however it ends. */
export class DiskLog implements EventLog {
  readonly epoch: string;
  readonly streams: KnownStreams;
  readonly #state: DiskState;
  readonly #writer: Writer;
  readonly #retention: Retention;
  readonly #clock: Clock;
  readonly #guard: DamageGuard;
  readonly #release: () => Promise<void>;
  readonly #timer: Timer;

  /** Made by `openDiskLog`. */
  constructor(state: DiskState, writer: Writer, options: DiskLogOptions, release: () => Promise<void>) {
    const { retention, clock } = options;
    this.epoch = state.epochs.nameAt(state.head + 1);
    this.streams = state.table;
    this.#state = state;
    this.#writer = writer;
    this.#retention = retention;
    this.#clock = clock;
    this.#guard = new DamageGuard(state, options);
    this.#release = release;
    this.#timer = clock.setInterval(() => writer.retain(), RETENTION_CHECK_MS);
  }

  get head(): number {
    return this.#state.head;
  }

  listen(listener: LogListener): void {
    checkNoListener(this.#writer.listener);
    this.#writer.listener = listener;
  }

  append(batch: readonly NewEvent[], claim?: Claim): Promise<Appended> {
    return this.#writer.append(batch, claim);
  }

  purge(stream: string): Promise<number> {
    return this.#writer.purge(stream);
  }

  receipt(key: string): Receipt | undefined {
    if (this.#writer.isClosed) {
      throw logClosed();
    }
    const sealed = this.#state.store.receipts.get(Buffer.from(key));
    if (sealed === undefined) {
      return undefined;
    }
    const receipt = unseal(Buffer.from(key), sealed) as Receipt | undefined;
    if (receipt === undefined) {
      throw new SluiceError(
        'SLUICE_LOG_DAMAGED',
        503,
        'what is known of this idempotency key is damaged, so nobody can tell whether it was used: use another one',
      );
    }
    return receipt.time > this.#clock.now() - this.#retention.receiptsMs ? receipt : undefined;
  }

  problem(): string | undefined {
    return this.#writer.problem;
  }

  tail(maxBytes: number): StoredEvent[] {
    return readTail(this.#state, maxBytes);
  }

  locate({ epoch, pos }: Cursor): 'inside' | 'ahead' | 'epoch' {
    const range = this.#state.epochs.rangeOf(epoch, this.head);
    if (range === undefined || pos < range.from) {
      return 'epoch';
    }
    return pos <= range.to ? 'inside' : 'ahead';
  }

  cursorAt(pos: number): string {
    return formatCursor(this.#state.epochs.nameAt(pos), pos);
  }

  lostAfter(pos: number): boolean {
    return this.#state.losses.some(({ to }) => to > pos);
  }

  async read(selection: Selection, pos: number, maxBytes: number): Promise<Page> {
    return this.#guard.read(() => readPage(this.#state, selection, pos, maxBytes));
  }

  *latestStates(selection: Selection, limit: number, upTo = this.head): Iterable<StoredEvent> {
    for (const pos of this.#state.table.latestStates(selection, limit, upTo)) {
      const event = this.#guard.read(() => readEvent(this.#state, pos));
      if (event !== undefined) {
        yield event;
      }
    }
  }

  oldestTime(stream: string): number | undefined {
    const { store, streams, head } = this.#state;
    const row = streams.get(stream)?.row;
    const [oldest] = row === undefined ? [] : positionsOf(store, row.id, row.purgedTo, head, 1);
    const record = oldest === undefined ? undefined : store.events.get(positionKey(oldest));
    return record === undefined ? undefined : peekTime(record, stream);
  }

  usage(): LogUsage {
    const { table, events, bytes } = this.#state;
    const { commits, commitSeconds } = this.#writer;
    return { events, bytes, streams: table.size, trims: table.trims, commits, commitSeconds };
  }

  idle(): Promise<void> {
    return this.#writer.idle();
  }

  async close(): Promise<void> {
    this.#clock.clearInterval(this.#timer);
    await this.#writer.close();
    await this.#release();
  }
}
