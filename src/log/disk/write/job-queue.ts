import { SluiceError } from '../../../errors.js';
import { type NewEvent, sizeOf } from '../../../events/event.js';
import type { Appended } from '../../event-log.js';
import type { Claim } from '../../receipts.js';

/** Most bytes of events that wait for the disk; beyond, publishers are told to come back. */
const MAX_WAITING_BYTES = 64 * 1024 * 1024;
/** Most events of one commit, and most bytes of them, so that none keeps the event loop for long. */
export const MAX_GROUP_EVENTS = 4096;
const MAX_GROUP_BYTES = 8 * 1024 * 1024;

export interface AppendJob {
  readonly batch: readonly NewEvent[];
  readonly claim: Claim | undefined;
  readonly resolve: (appended: Appended) => void;
  readonly reject: (error: Error) => void;
}

export interface PurgeJob {
  readonly stream: string;
  readonly resolve: (events: number) => void;
  readonly reject: (error: Error) => void;
}

export type Job = AppendJob | PurgeJob;

/** What waits for the next commit, in the order it came, bounded by bytes. */
export class JobQueue {
  #jobs: Job[] = [];
  #bytes = 0;

  get isEmpty(): boolean {
    return this.#jobs.length === 0;
  }

  /** @throws SluiceError 503 when too much waits already */
  push(job: Job): void {
    const bytes = bytesOf(job);
    if (this.#bytes + bytes > MAX_WAITING_BYTES) {
      const message = 'too many events wait for the disk: nothing was stored; publish more slowly';
      throw new SluiceError('SLUICE_LOG_BUSY', 503, message);
    }
    this.#bytes += bytes;
    this.#jobs.push(job);
  }

  /** The jobs of the next commit: at least one if there is one. */
  take(): Job[] {
    let events = 0;
    let bytes = 0;
    const end = this.#jobs.findIndex((job) => {
      events += eventsOf(job);
      bytes += bytesOf(job);
      return events > MAX_GROUP_EVENTS || bytes > MAX_GROUP_BYTES;
    });
    const jobs = this.#jobs.splice(0, end === -1 ? this.#jobs.length : Math.max(1, end));
    this.#bytes -= countBytes(jobs);
    return jobs;
  }
}

/** Events that jobs append. */
export function countEvents(jobs: readonly Job[]): number {
  return jobs.reduce((sum, job) => sum + eventsOf(job), 0);
}

/** Bytes of those events. */
export function countBytes(jobs: readonly Job[]): number {
  return jobs.reduce((sum, job) => sum + bytesOf(job), 0);
}

function eventsOf(job: Job): number {
  return 'batch' in job ? job.batch.length : 0;
}

function bytesOf(job: Job): number {
  return 'batch' in job ? job.batch.reduce((sum, event) => sum + sizeOf(event), 0) : 0;
}
