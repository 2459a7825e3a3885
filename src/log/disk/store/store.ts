import { open, type RootDatabase } from 'lmdb';
import { POSITION_BYTES } from './record.js';
import { Snapshot, Table, type TableName } from './table.js';

const ID_BYTES = 4;
const MAX_POSITION = 2 ** (8 * POSITION_BYTES) - 1;

/** The files of a log: tables in one LMDB environment, written in whole transactions. */
export class DiskStore {
  /** Position → record. */
  readonly events: Table;
  /** Stream number and position → nothing: where to find a stream's events. */
  readonly index: Table;
  /** Stream name → its number, and how far it was trimmed. */
  readonly streams: Table;
  /** Idempotency key → what was answered. */
  readonly receipts: Table;
  /** Position → idempotency key, in the order in which they expire. */
  readonly expiry: Table;
  /** Format, owner, epochs, totals, losses. */
  readonly meta: Table;
  readonly #env: RootDatabase<Buffer, Buffer>;
  readonly #snapshot: Snapshot;

  /** @throws Error when the directory cannot be opened for writing */
  constructor(path: string) {
    const binary = { encoding: 'binary', keyEncoding: 'binary' } as const;
    // lmdb's own way of batching makes promises that nobody can reach, and so cannot fail without ending the process.
    this.#env = open({ path, maxDbs: 8, noSubdir: false, eventTurnBatching: false, ...binary });
    this.#snapshot = new Snapshot(this.#env);
    const table = (name: TableName) => new Table(this.#env.openDB({ name, ...binary }), this.#snapshot);
    this.events = table('events');
    this.index = table('index');
    this.streams = table('streams');
    this.receipts = table('receipts');
    this.expiry = table('expiry');
    this.meta = table('meta');
  }

  /**
   * Makes all puts and removes that `change` asks for one transaction; resolves when it is flushed to disk. Reads see it
   * after `renew`.
   * @throws FlushError when it was made but not flushed, and any other Error when nothing of it is there
   */
  async write(change: (transaction: Transaction) => void): Promise<void> {
    const transaction = new Transaction();
    change(transaction);
    const before = this.#lastTransaction();
    try {
      await this.#env.batch(() => transaction.apply());
      await this.#env.flushed;
    } catch (error) {
      const reason = await reasonOf(error);
      throw this.#lastTransaction() === before ? reason : new FlushError(reason.message);
    }
  }

  /** From now on `latest` finds what any process has written; otherwise what was so at the first read of this turn. */
  refresh(): void {
    this.#env.resetReadTxn();
  }

  /** From now on reads see what was written last. What belongs to it in memory must change with it, without a pause. */
  renew(): void {
    this.#snapshot.renew();
  }

  /** Runs `work` alone among all processes that have the directory open. Blocks; for the start only. */
  exclusively(work: (transaction: Transaction) => void): void {
    this.#env.transactionSync(() => {
      const transaction = new Transaction();
      work(transaction);
      transaction.apply();
    });
    this.renew();
  }

  #lastTransaction(): number {
    return (this.#env.getStats() as { lastTxnId: number }).lastTxnId;
  }

  async close(): Promise<void> {
    this.#snapshot.release();
    await this.#env.close();
  }
}

/**
 * A commit could not be flushed. lmdb shows it to everyone before that: it is in the file, and later ones build on it, but
 * how much of it is on disk, nobody can tell.
 */
export class FlushError extends Error {
  override readonly name = 'FlushError';
}

/** Collects changes, so that none is made unless all can be. */
export class Transaction {
  readonly #changes: (readonly [table: Table, key: Buffer, value: Buffer | undefined])[] = [];

  put(table: Table, key: Buffer, value: Buffer): void {
    this.#changes.push([table, key, value]);
  }

  remove(table: Table, key: Buffer): void {
    this.#changes.push([table, key, undefined]);
  }

  apply(): void {
    for (const [table, key, value] of this.#changes) {
      value === undefined ? table.remove(key) : table.put(key, value);
    }
  }
}

/** lmdb tells the cause through a second promise, which would otherwise be an unhandled rejection. */
async function reasonOf(error: unknown): Promise<Error> {
  const { commitError } = error as { commitError?: Promise<never> };
  const cause: unknown = await commitError?.catch((reason: unknown) => reason);
  return cause instanceof Error ? cause : (error as Error);
}

export function positionKey(pos: number): Buffer {
  const key = Buffer.allocUnsafe(POSITION_BYTES);
  key.writeUIntBE(pos, 0, POSITION_BYTES);
  return key;
}

export function positionOf(key: Buffer): number {
  return key.readUIntBE(0, POSITION_BYTES);
}

export function indexKey(id: number, pos: number): Buffer {
  const key = Buffer.allocUnsafe(ID_BYTES + POSITION_BYTES);
  key.writeUInt32BE(id, 0);
  key.writeUIntBE(pos, ID_BYTES, POSITION_BYTES);
  return key;
}

export function splitIndexKey(key: Buffer): { readonly id: number; readonly pos: number } {
  return { id: key.readUInt32BE(0), pos: key.readUIntBE(ID_BYTES, POSITION_BYTES) };
}

/** Positions of a stream in `after < pos <= upTo`, ascending, at most `limit`. */
export function positionsOf(store: DiskStore, id: number, after: number, upTo: number, limit: number): number[] {
  const range = { start: indexKey(id, after + 1), end: indexKey(id, Math.min(upTo, MAX_POSITION - 1) + 1), limit };
  return [...store.index.keys(range)].map((key) => splitIndexKey(key).pos);
}
