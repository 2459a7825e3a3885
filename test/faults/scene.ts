import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import type { Test } from 'tap';
import type { SluiceOptions } from '../../src/app.js';
import { startHub } from '../client/support.js';
import { Ledger } from '../torture/ledger.js';
import { Publisher } from '../torture/publisher.js';
import { Random } from '../torture/random.js';
import { verify } from '../torture/verify.js';
import { Watcher } from '../torture/watcher.js';
import { type LibraryWatcher, watchWithLibrary } from './library-watcher.js';
import { type FaultProxy, openFaultProxy } from './proxy.js';

const PUBLISHERS = 2;
/** Quick, so that a request into a black hole is soon tried again. */
const PUBLISH_TIMEOUT_MS = 200;

/** A hub with publishers and watchers at work, and a faulty network before each kind. */
export interface Scene {
  readonly app: FastifyInstance;
  /** Before the watchers. */
  readonly proxy: FaultProxy;
  /** Before the publishers. */
  readonly publishing: FaultProxy;
  readonly publishers: readonly Publisher[];
  readonly ledger: Ledger;
  /** Readers of the wire, as curl and EventSource are, that leave and come back too. */
  readonly raw: readonly Watcher[];
  readonly library: readonly LibraryWatcher[];
  readonly watchers: readonly (Watcher | LibraryWatcher)[];
  /** Resolves when so many further events have been acknowledged. */
  published(count: number): Promise<void>;
  /** Heals everything, waits until each watcher has everything, and says what is wrong. */
  finish(): Promise<string[]>;
}

/** Opens a scene in which everybody is connected and something has been published. */
export async function openScene(t: Test, seed: string, options: SluiceOptions = {}): Promise<Scene> {
  // Little in memory, so that most of what was missed comes from the disk.
  const settings = { log: 'disk', dataDir: t.testdir(), windowBytes: 65_536, heartbeatIntervalMs: 1000 } as const;
  const { app, url } = await startHub(t, { ...settings, ...options });
  const [proxy, publishing] = await Promise.all([openFaultProxy(t, url), openFaultProxy(t, url)]);
  const ledger = new Ledger();
  const ending = { publishing: new AbortController(), watching: new AbortController() };
  const library = [
    watchWithLibrary(proxy.url, 'orders.*', 'envelope', ledger, ending.watching.signal),
    watchWithLibrary(proxy.url, 'a', 'plain', ledger, ending.watching.signal),
  ];
  const raw = [
    new Watcher('a,b,tasks.*', 'envelope', proxy.port, ledger, new Random(`${seed}/raw`)),
    new Watcher('b', 'plain', proxy.port, ledger, new Random(`${seed}/plain`)),
  ];
  const publishers = Array.from(
    { length: PUBLISHERS },
    (_, i) => new Publisher(`p${i}`, publishing.port, ledger, new Random(`${seed}/${i}`), PUBLISH_TIMEOUT_MS),
  );
  const watching = raw.map((watcher) => watcher.run(ending.watching.signal));
  const watchers = [...raw, ...library];
  await until(() => watchers.every(({ sessions }) => sessions.length > 0));
  const atWork = publishers.map((publisher) => publisher.run(ending.publishing.signal));
  t.teardown(() => {
    ending.publishing.abort();
    ending.watching.abort();
  });
  const published = async (count: number) => {
    const goal = ledger.size + count;
    await until(() => ledger.size >= goal);
  };
  await published(20);

  const finish = async () => {
    proxy.heal();
    publishing.heal();
    ending.publishing.abort();
    await Promise.all(atWork);
    await until(() => watchers.every(({ selection, position }) => position >= lastOf(ledger, selection)));
    ending.watching.abort();
    await Promise.all(watching);
    ledger.checkWhole();
    const { historyEvents = Number.POSITIVE_INFINITY } = options;
    return [
      ...ledger.complaints,
      ...publishers.flatMap(({ complaints }) => complaints),
      ...watchers.flatMap((watcher) => verify(watcher, ledger, historyEvents)),
    ];
  };
  return { app, proxy, publishing, publishers, ledger, raw, library, watchers, published, finish };
}

function lastOf(ledger: Ledger, selection: Watcher['selection']): number {
  return ledger.wanted(selection, 0, ledger.size).at(-1) ?? 0;
}

/** Resolves once the condition holds; the test's own time limit ends it if it never does. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) {
    await sleep(5);
  }
}
