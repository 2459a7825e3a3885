import { setTimeout as sleep } from 'node:timers/promises';
import type { Crowd } from './crowd.js';
import { Histogram } from './histogram.js';
import type { ClosedLoad, LoadResult, RateLoad } from './protocol.js';
import type { Publisher } from './publisher.js';
import { cpuSeconds } from './usage.js';

/** Nothing more is expected when nothing has come for this long. */
const QUIET_MS = 2000;
/** Timers are late by about a millisecond, so the rest of a wait is spent polling. */
const SPIN_MS = 2;

/** One run of publishing to a crowd: what it costs the server, and how long it takes. */
export class Load {
  readonly #crowd: Crowd;
  readonly #publisher: Publisher;
  readonly #pids: readonly number[];
  /** Deliveries of one event. */
  readonly #fanOut: number;
  readonly #latency = new Histogram();
  readonly #before: Counts;
  #isPublishing = true;
  #lastAt = performance.now();
  #late = 0;

  constructor(crowd: Crowd, publisher: Publisher, pids: readonly number[], streams: number) {
    this.#crowd = crowd;
    this.#publisher = publisher;
    this.#pids = pids;
    this.#fanOut = crowd.watchers.length / streams;
    this.#before = this.#counts();
  }

  async closed({ seconds, window, inFlight, lanes = 1 }: ClosedLoad): Promise<LoadResult> {
    await this.#publisher.open(lanes);
    const allowed = window * Math.max(1, this.#crowd.watchers.length);
    const pump = () => {
      while (this.#isPublishing && this.#publisher.waiting < inFlight && this.#outstanding < allowed) {
        this.#publisher.publish(performance.now(), lanes);
      }
    };
    return this.#measure(async () => {
      this.#crowd.onEvent = (n, now) => {
        this.#record(n, now);
        pump();
      };
      this.#publisher.onAnswer = () => {
        this.#lastAt = performance.now();
        pump();
      };
      pump();
      await sleep(seconds * 1000);
    });
  }

  async rate({ seconds, rate, limitMs = Number.POSITIVE_INFINITY }: RateLoad): Promise<LoadResult> {
    await this.#publisher.open(1);
    const allowedLate = 0.01 * rate * seconds * this.#fanOut;
    return this.#measure(async () => {
      this.#crowd.onEvent = (n, now) => {
        this.#late += this.#record(n, now) > limitMs ? 1 : 0;
      };
      const interval = 1000 / rate;
      const start = performance.now();
      for (let due = start; due < start + seconds * 1000 && this.#late <= allowedLate; due += interval) {
        if (due > performance.now()) {
          await reached(due);
        }
        this.#publisher.publish(due, 1);
      }
    });
  }

  async #measure(publish: () => Promise<void>): Promise<LoadResult> {
    const start = performance.now();
    const cpu = cpuSeconds(this.#pids);
    const own = process.cpuUsage();
    await publish();
    this.#isPublishing = false;
    await this.#drained();
    const { user, system } = process.cpuUsage(own);
    return this.#result((this.#lastAt - start) / 1000, cpuSeconds(this.#pids) - cpu, (user + system) / 1e6);
  }

  async #drained(): Promise<void> {
    while (this.#outstanding > 0 || this.#publisher.waiting > 0) {
      await sleep(1);
      if (performance.now() - this.#lastAt > QUIET_MS) {
        return;
      }
    }
  }

  get #outstanding(): number {
    const { published, delivered } = this.#counts();
    return (published - this.#before.published) * this.#fanOut - (delivered - this.#before.delivered);
  }

  #record(n: number, now: number): number {
    const latency = now - this.#publisher.dueAt(n);
    this.#latency.record(latency);
    this.#lastAt = now;
    return latency;
  }

  #counts(): Counts {
    const { delivered, faults, closed } = this.#crowd;
    const { published, refused } = this.#publisher;
    return { delivered, faults, closed, published, refused };
  }

  #result(seconds: number, cpu: number, ownCpu: number): LoadResult {
    const [before, after] = [this.#before, this.#counts()];
    const published = after.published - before.published;
    return {
      seconds,
      published,
      expected: published * this.#fanOut,
      delivered: after.delivered - before.delivered,
      faults: after.faults - before.faults,
      closed: after.closed - before.closed,
      refused: after.refused - before.refused,
      cpuSeconds: cpu,
      p50Ms: this.#latency.quantile(0.5),
      p99Ms: this.#latency.quantile(0.99),
      maxMs: this.#latency.max,
      publishP99Ms: this.#publisher.latency.quantile(0.99),
      clientBusy: ownCpu / seconds,
    };
  }
}

interface Counts {
  readonly delivered: number;
  readonly faults: number;
  readonly closed: number;
  readonly published: number;
  readonly refused: number;
}

/** Resolves at a time, to a few microseconds. */
async function reached(due: number): Promise<void> {
  const wait = due - performance.now();
  if (wait > SPIN_MS) {
    await sleep(wait - SPIN_MS);
  }
  do {
    await new Promise<void>((resolve) => setImmediate(resolve));
  } while (performance.now() < due);
}
