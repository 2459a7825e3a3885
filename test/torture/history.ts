import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Ledger } from './ledger.js';
import { Publisher } from './publisher.js';
import { Random } from './random.js';
import { compileServer, freePort, TorturedServer } from './server.js';
import { verify } from './verify.js';
import { Watcher } from './watcher.js';

const PUBLISHERS = 4;
const SELECTIONS = ['*', '*', 'orders.*', 'a,b', 'orders.eu.*,tasks.x', 'nobody'];
const DEADLINE_MS = 60_000;

/** What came of a torture. */
interface Report {
  rounds: number;
  events: number;
  sessions: number;
  exact: number;
  gaps: number;
  replayed: number;
  readonly complaints: string[];
}

/**
 * Tortures servers for a number of rounds, a new data directory every `roundsEach` of them.
 * @param directory where the data goes
 */
export async function torture(
  directory: string,
  seed: string,
  rounds: number,
  roundsEach: number,
  onHistory: (settings: string, report: Report) => void = () => {},
): Promise<Report> {
  const compiled = compileServer();
  const report: Report = { rounds: 0, events: 0, sessions: 0, exact: 0, gaps: 0, replayed: 0, complaints: [] };
  try {
    for (let i = 0; report.rounds < rounds; i++) {
      const random = new Random(`${seed}/${i}`);
      const settings: Record<string, string> = { ...pickSettings(random, i), DATA_DIR: `${directory}/${i}` };
      const server = new TorturedServer(compiled, await freePort(), settings);
      const history = new History(
        `${seed}/${i}`,
        random,
        server,
        Number(settings.HISTORY_EVENTS ?? Number.POSITIVE_INFINITY),
      );
      await history.run(Math.min(roundsEach, rounds - report.rounds), report);
      onHistory(JSON.stringify(settings), report);
    }
  } finally {
    rmSync(compiled, { recursive: true });
  }
  return report;
}

/** Every other history keeps so little that watchers fall behind it. */
function pickSettings(random: Random, index: number): Record<string, string> {
  const windowBytes = String(random.pick([65_536, 200_000, 67_108_864]));
  const limits = { WINDOW_BYTES: windowBytes, HEARTBEAT_INTERVAL_MS: '1000', RETRY_MS: '100' };
  return index % 2 === 0 ? limits : { ...limits, HISTORY_EVENTS: String(random.pick([50, 100, 300])) };
}

/** One data directory, its server and everyone who uses it, through all kills. */
class History {
  readonly #random: Random;
  readonly #ledger = new Ledger();
  readonly #server: TorturedServer;
  readonly #publishers: Publisher[];
  readonly #watchers: Watcher[];
  readonly #historyEvents: number;
  readonly #seed: string;

  /** @param historyEvents how many events the server keeps */
  constructor(seed: string, random: Random, server: TorturedServer, historyEvents: number) {
    this.#seed = seed;
    this.#random = random;
    this.#server = server;
    this.#historyEvents = historyEvents;
    this.#publishers = Array.from(
      { length: PUBLISHERS },
      (_, i) => new Publisher(`p${i}`, server.port, this.#ledger, new Random(`${seed}/p${i}`)),
    );
    this.#watchers = [
      ...SELECTIONS.map((streams, i) => this.#watcher(streams, 'envelope', `w${i}`)),
      this.#watcher('a', 'plain', 'plain'),
    ];
  }

  async run(rounds: number, report: Report): Promise<void> {
    const publishing = new AbortController();
    const watching = new AbortController();
    await this.#server.start().ready;
    const publishers = this.#publishers.map((publisher) => publisher.run(publishing.signal));
    const watchers = this.#watchers.map((watcher) => watcher.run(watching.signal));
    for (let round = 0; round < rounds; round++) {
      await this.#round();
    }
    await sleep(200);
    publishing.abort();
    await Promise.all(publishers);
    await this.#replayAll(watching.signal, watchers);
    await this.#arrived();
    watching.abort();
    await Promise.all(watchers);
    await this.#server.stop();
    this.#add(report, rounds);
  }

  /** Under load for a while, then the kill; now and then another while it starts. */
  async #round(): Promise<void> {
    await sleep(this.#random.int(0, 600));
    await this.#server.kill();
    const { ready } = this.#server.start();
    if (this.#random.chance(0.2)) {
      await sleep(this.#random.int(50, 600));
      await this.#server.kill();
      return this.#server.start().ready;
    }
    return ready;
  }

  /** One more watcher, which begins at the very first position: it sees everything the log still has. */
  async #replayAll(signal: AbortSignal, running: Promise<void>[]): Promise<void> {
    const first = this.#ledger.at(1)?.id ?? '';
    const auditor = this.#watcher('*', 'envelope', 'auditor', first.replace(/\.1$/, '.0'));
    this.#watchers.push(auditor);
    running.push(auditor.run(signal));
  }

  async #arrived(): Promise<void> {
    const deadline = Date.now() + DEADLINE_MS;
    const { size } = this.#ledger;
    for (const watcher of this.#watchers) {
      const last = this.#ledger.wanted(watcher.selection, 0, size).at(-1) ?? 0;
      while (watcher.position < last && Date.now() < deadline) {
        await sleep(20);
      }
      if (watcher.position < last) {
        this.#ledger.complaints.push(`a watcher never came further than ${watcher.position} of ${last}`);
      }
    }
  }

  #add(report: Report, rounds: number): void {
    this.#ledger.checkWhole();
    const sessions = this.#watchers.flatMap((watcher) => watcher.sessions);
    const gaps = sessions.filter(({ resume }) => resume === 'gap').length;
    report.rounds += rounds;
    report.events += this.#ledger.size;
    report.sessions += sessions.length;
    report.exact += sessions.filter(({ resume }) => resume === 'exact').length;
    report.gaps += gaps;
    report.replayed += this.#publishers.reduce((sum, { replayed }) => sum + replayed, 0);
    report.complaints.push(
      ...this.#ledger.complaints,
      ...this.#server.complaints,
      ...this.#publishers.flatMap(({ complaints }) => complaints),
      ...this.#watchers.flatMap((watcher) => verify(watcher, this.#ledger, this.#historyEvents)),
    );
  }

  #watcher(streams: string, format: 'plain' | 'envelope', name: string, cursor?: string): Watcher {
    const { port } = this.#server;
    return new Watcher(streams, format, port, this.#ledger, new Random(`${this.#seed}/${name}`), cursor);
  }
}
