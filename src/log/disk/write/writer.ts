import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../../../clock.js';
import type { NewEvent } from '../../../events/event.js';
import type { Appended, LogListener } from '../../event-log.js';
import { logClosed } from '../../misuse.js';
import type { Claim } from '../../receipts.js';
import type { Retention } from '../../retention.js';
import type { DiskState } from '../disk-state.js';
import { RetentionTurn } from '../retention/retention-turn.js';
import { checkOwner } from '../store/meta.js';
import type { Owner } from '../store/owner.js';
import { Commit } from './commit.js';
import { DataFile } from './data-file.js';
import { type Job, JobQueue } from './job-queue.js';
import { Problem } from './problem.js';

interface WriterOptions {
  readonly directory: string;
  readonly owner: Owner;
  readonly epoch: string;
  readonly retention: Retention;
  readonly clock: Clock;
  /** Told why the log cannot be written any more, and (undefined) that it can again. */
  readonly onProblem: (reason: string | undefined) => void;
}

/**
 * Writes the log: one commit at a time. Whatever arrives while one is being flushed goes together into the next, and
 * only what has been flushed is acknowledged, published, or changes anything in memory.
 */
export class Writer {
  readonly #state: DiskState;
  readonly #options: WriterOptions;
  readonly #file: DataFile;
  readonly #problem: Problem;
  readonly #jobs = new JobQueue();
  readonly #turn = new RetentionTurn();
  #running: Promise<void> | undefined;
  #isClosed = false;
  listener: LogListener | undefined;
  commits = 0;
  commitSeconds = 0;

  constructor(state: DiskState, options: WriterOptions) {
    this.#state = state;
    this.#options = options;
    this.#file = new DataFile(options.directory);
    this.#problem = new Problem(options.directory, options.clock, options.onProblem);
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  get problem(): string | undefined {
    return this.#problem.reason;
  }

  append(batch: readonly NewEvent[], claim: Claim | undefined): Promise<Appended> {
    return new Promise((resolve, reject) => this.#enqueue({ batch, claim, resolve, reject }));
  }

  purge(stream: string): Promise<number> {
    return new Promise((resolve, reject) => this.#enqueue({ stream, resolve, reject }));
  }

  /** Retention has its turn now, or with the commit after the one under way. */
  retain(): void {
    this.#turn.demand();
    this.#run();
  }

  /** Resolves when there is nothing left to write, and nothing due that can be written. */
  async idle(): Promise<void> {
    let before: number;
    do {
      await this.#running;
      before = this.commits;
      this.#run();
      await this.#running;
    } while (this.commits > before && this.problem === undefined);
  }

  /** Finishes what was accepted, and takes no more; trims that are due wait for the next start. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.idle();
  }

  #enqueue(job: Job): void {
    if (this.#isClosed) {
      throw logClosed();
    }
    this.#jobs.push(job);
    this.#run();
  }

  /** Starts what is due, if nothing is being written. */
  #run(): void {
    this.#running ??= this.#commitAll();
  }

  async #commitAll(): Promise<void> {
    // Publishes of one turn come from many sockets; waiting for its end lets them share the first commit too.
    await setImmediate();
    let isMore = true;
    while (isMore || !this.#jobs.isEmpty) {
      isMore = await this.#commitNext(this.#jobs.take());
    }
    this.#running = undefined;
  }

  /** Commits these jobs and the retention that is due. Resolves to true when more retention is due at once. */
  async #commitNext(jobs: readonly Job[]): Promise<boolean> {
    const now = this.#options.clock.now();
    if (!this.#problem.mayWrite()) {
      this.#refuse(jobs);
      return false;
    }
    const before = this.#state.totals;
    try {
      if (this.#problem.reason !== undefined) {
        await this.#makeRoom(now);
      }
      const isMore = this.#settle(await this.#write(jobs, now));
      const { head, events } = this.#state.totals;
      this.#problem.succeeded(head > before.head || events < before.events);
      return isMore;
    } catch (error) {
      this.#turn.failed();
      this.#problem.failed(error as Error);
      this.#refuse(jobs);
      return false;
    }
  }

  /** Proves that the disk can be written again by retention alone, in growing steps, before publishes depend on it. */
  async #makeRoom(now: number): Promise<void> {
    let isMore = true;
    while (isMore && !this.#turn.isRecovered) {
      isMore = this.#settle(await this.#write([], now));
    }
  }

  async #write(jobs: readonly Job[], now: number): Promise<Commit> {
    const commit = this.#prepare(jobs, now);
    if (commit.isEmpty && this.#problem.reason === undefined) {
      // Nothing to write: retention looked only at what stays. Without a flush to wait for, others get their turn.
      await setImmediate();
    } else {
      const { owner, directory, clock } = this.#options;
      this.#file.check();
      checkOwner(this.#state.store, owner, directory);
      const start = clock.elapsed();
      const write = this.#state.store.write((transaction) => commit.put(transaction));
      await this.#problem.watch(write);
      this.commitSeconds += (clock.elapsed() - start) / 1000;
      this.commits++;
      this.#turn.succeeded();
    }
    return commit;
  }

  /** Takes a commit over in memory; true when more is due. */
  #settle(commit: Commit): boolean {
    commit.settle();
    if (commit.isBehind) {
      this.#turn.demand();
    }
    return this.#turn.isDemanded && !this.#isClosed;
  }

  #prepare(jobs: readonly Job[], now: number): Commit {
    const { epoch, retention } = this.#options;
    const commit = new Commit(this.#state, this.listener, epoch, now);
    const limit = this.#isClosed ? 0 : this.#turn.next(jobs);
    if (limit > 0) {
      commit.addExpired(retention.receiptsMs, limit);
      commit.addTrims(limit);
    }
    for (const job of jobs) {
      commit.add(job);
    }
    if (!this.#isClosed) {
      commit.addForgotten();
    }
    return commit;
  }

  #refuse(jobs: readonly Job[]): void {
    for (const job of jobs) {
      job.reject(this.#problem.error());
    }
  }
}
