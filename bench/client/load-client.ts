import { setTimeout as sleep } from 'node:timers/promises';
import { Crowd, until } from './crowd.js';
import { Load } from './load.js';
import type {
  Audience,
  ClosedLoad,
  Commands,
  Connected,
  Held,
  LoadResult,
  RateLoad,
  Returned,
  Target,
} from './protocol.js';
import { Publisher } from './publisher.js';
import { cpuSeconds, pssKb } from './usage.js';
import type { Watcher } from './watcher.js';

const BEAT_MS = 100;
const SETTLE_MS = 2000;
const RETURN_MS = 120_000;

/** What runs in the client's process: one crowd at one server. */
export class LoadClient implements Commands {
  #open: { target: Target; audience: Required<Audience>; crowd: Crowd; publisher: Publisher } | undefined;

  async connect(options: { target: Target; audience: Audience }): Promise<Connected> {
    const { target } = options;
    const { streams = 1 } = options.audience;
    const audience = { streams, busy: streams, size: 100, ...options.audience };
    const crowd = new Crowd(target, audience);
    const publisher = new Publisher(target, audience.busy, audience.size);
    this.#open?.publisher.close();
    this.#open = { target, audience, crowd, publisher };
    await publisher.open(1);
    const pss = pssKb(target.pids);
    const cpu = cpuSeconds(target.pids);
    const start = performance.now();
    await crowd.connect();
    const connected = { seconds: (performance.now() - start) / 1000, cpuSeconds: cpuSeconds(target.pids) - cpu };
    return { ...connected, pssBeforeKb: pss };
  }

  async closed(load: ClosedLoad): Promise<LoadResult> {
    return this.#load().closed(load);
  }

  async rate(load: RateLoad): Promise<LoadResult> {
    return this.#load().rate(load);
  }

  async publish({ events }: { events: number }): Promise<string> {
    const { publisher } = this.#session;
    for (let i = 0; i < events; i++) {
      publisher.publish(performance.now(), 1);
      await until(() => publisher.waiting === 0, performance.now() + SETTLE_MS);
    }
    const [, id] = /"id":"([^"]+)"/.exec(publisher.answer) ?? [];
    if (id === undefined) {
      throw new Error(`no id in the answer: ${publisher.answer}`);
    }
    return id;
  }

  async hold({ seconds }: { seconds: number }): Promise<Held> {
    const { target, crowd } = this.#session;
    const closed = crowd.closed;
    const cpu = cpuSeconds(target.pids);
    const beats: number[] = [];
    const start = performance.now();
    let { reads } = crowd;
    while (beats.length < (seconds * 1000) / BEAT_MS) {
      await sleep(start + (beats.length + 1) * BEAT_MS - performance.now());
      beats.push(crowd.reads - reads);
      reads = crowd.reads;
    }
    return { cpuSeconds: cpuSeconds(target.pids) - cpu, beats, closed: crowd.closed - closed };
  }

  async stall({ watchers }: { watchers: number }): Promise<void> {
    for (const watcher of this.#last(watchers)) {
      watcher.stall();
    }
  }

  async cut({ watchers }: { watchers: number }): Promise<void> {
    for (const watcher of this.#last(watchers)) {
      watcher.cut();
    }
  }

  async comeBack({ cursor, missed }: { cursor: string; missed: number }): Promise<Returned> {
    const { target, crowd } = this.#session;
    const away = crowd.watchers.filter(({ isConnected }) => !isConnected);
    const { delivered, faults, closed } = crowd;
    const expected = away.length * missed;
    const cpu = cpuSeconds(target.pids);
    const start = performance.now();
    await crowd.connect(cursor, Number.POSITIVE_INFINITY);
    await until(() => crowd.delivered - delivered >= expected || crowd.closed > closed, start + RETURN_MS);
    const seconds = (performance.now() - start) / 1000;
    // Whatever is sent twice would come right after.
    await sleep(SETTLE_MS);
    return {
      seconds,
      cpuSeconds: cpuSeconds(target.pids) - cpu,
      connections: away.length,
      exact: away.filter(({ verdict }) => verdict === 'exact').length,
      expected,
      delivered: crowd.delivered - delivered,
      faults: crowd.faults - faults,
      closed: crowd.closed - closed,
    };
  }

  async memory(): Promise<number> {
    return pssKb(this.#session.target.pids);
  }

  get #session() {
    if (this.#open === undefined) {
      throw new Error('connect first');
    }
    return this.#open;
  }

  #last(count: number): readonly Watcher[] {
    const { watchers } = this.#session.crowd;
    return watchers.slice(watchers.length - count);
  }

  #load(): Load {
    const { crowd, publisher, target, audience } = this.#session;
    publisher.latency.clear();
    return new Load(crowd, publisher, target.pids, audience.streams);
  }
}
