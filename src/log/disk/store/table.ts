import type { Database, Transaction as LmdbTransaction, RootDatabase } from 'lmdb';

/** All tables there are. */
export const TABLE_NAMES = ['events', 'expiry', 'index', 'meta', 'receipts', 'streams'] as const;
export type TableName = (typeof TABLE_NAMES)[number];

interface Range {
  readonly start?: Buffer;
  /** Exclusive. */
  readonly end?: Buffer;
  readonly limit?: number;
  readonly reverse?: boolean;
}

/**
 * The state of all tables that reads see: that of the last commit which has been flushed and taken over in memory.
 * Without it a read would meet what is just being committed, of which memory does not know yet: a trim, say, that it
 * would pass over in silence.
 */
export class Snapshot {
  readonly #env: RootDatabase<Buffer, Buffer>;
  #transaction: LmdbTransaction | undefined;

  constructor(env: RootDatabase<Buffer, Buffer>) {
    this.#env = env;
  }

  get transaction(): LmdbTransaction {
    this.#transaction ??= this.#env.useReadTransaction();
    return this.#transaction;
  }

  /** Takes the latest state. */
  renew(): void {
    this.release();
    // Otherwise lmdb may hand out the transaction of earlier reads of the same turn.
    this.#env.resetReadTxn();
    this.#transaction = this.#env.useReadTransaction();
  }

  release(): void {
    this.#transaction?.done();
    this.#transaction = undefined;
  }
}

/** One table of the environment. */
export class Table {
  readonly #database: Database<Buffer, Buffer>;
  readonly #snapshot: Snapshot;

  constructor(database: Database<Buffer, Buffer>, snapshot: Snapshot) {
    this.#database = database;
    this.#snapshot = snapshot;
  }

  get(key: Buffer): Buffer | undefined {
    return this.#database.get(key, { transaction: this.#snapshot.transaction });
  }

  /** What any process has committed last, at the first such read of a turn. */
  latest(key: Buffer): Buffer | undefined {
    return this.#database.get(key);
  }

  entries(range: Range = {}): Iterable<{ key: Buffer; value: Buffer }> {
    return this.#database.getRange({ ...range, transaction: this.#snapshot.transaction });
  }

  keys(range: Range = {}): Iterable<Buffer> {
    return this.#database.getKeys({ ...range, transaction: this.#snapshot.transaction });
  }

  put(key: Buffer, value: Buffer): Promise<boolean> {
    return this.#database.put(key, value);
  }

  remove(key: Buffer): Promise<boolean> {
    return this.#database.remove(key);
  }
}
