import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Random } from '../torture/random.js';
import { misbehave } from './bad-input.js';
import type { Numbers } from './numbers.js';
import { pause } from './pause.js';
import { flood, KINDS, publishKind } from './publishers.js';
import { MANNERS, SoakWatcher } from './watchers.js';

const FLOODED = '/sse/soak.flood';
const PATHS = ['/sse/soak.one', '/sse/soak.text', '/events?streams=soak.batch.*,tasks.*', '/events?streams=churn.*'];
const EVERYTHING = '/events?streams=soak.batch.*,soak.lines.*,soak.one,soak.text,soak.notices,tasks.*,churn.*';
const GENERATED = ['/sse/clock', '/sse/time', '/events', '/stream', '/sse/stock', '/sse/progress'];
const ARRIVAL_MS = 30_000;

export interface LoadOptions {
  readonly seed: string;
  /** Events published per second, floods aside. */
  readonly rate: number;
  /** Watchers in all. */
  readonly watchers: number;
  readonly floodMs: number;
  readonly badMs: number;
}

/** What a load has come to. */
interface Outcome {
  readonly received: number;
  readonly exact: number;
  readonly complaints: readonly string[];
}

/** Everybody at once for a time: who publishes, who watches in each manner, who sends nonsense. */
export async function load(port: number, ms: number, numbers: Numbers, options: LoadOptions): Promise<Outcome> {
  const { seed, rate, floodMs, badMs } = options;
  const complaints: string[] = [];
  const publishing = new AbortController();
  const watching = new AbortController();
  setMaxListeners(0, publishing.signal, watching.signal);
  const steady = steadyWatchers(port, options);
  const watchers = [...steady, ...passingWatchers(port, options)];
  const running = [
    ...watchers.map((watcher) => watcher.run(watching.signal)),
    ...GENERATED.map((path, i) => new SoakWatcher(port, path, MANNERS.visitor, new Random(`${seed}/g${i}`))).map(
      (watcher) => watcher.run(watching.signal),
    ),
    visitNumbers(port, new Random(`${seed}/numbers`), watching.signal),
    misbehave(port, badMs, new Random(`${seed}/bad`), complaints, watching.signal),
  ];
  await until(() => steady.every(({ verdicts }) => verdicts.fresh > 0));
  const kinds = Object.keys(KINDS);
  const publishers = [
    ...kinds.map((name) =>
      publishKind(port, name, rate / kinds.length, numbers, new Random(`${seed}/${name}`), publishing.signal),
    ),
    flood(port, floodMs, numbers, publishing.signal),
  ];
  await Promise.race([sleep(ms), Promise.all(publishers)]);
  publishing.abort();
  await Promise.all(publishers);
  await until(() => steady.every(({ sequence }) => sequence.isComplete(numbers)));
  complaints.push(...steady.flatMap((watcher) => problemsOf(watcher, numbers)), ...watchers.flatMap(gapsOf));
  complaints.push(...watchers.flatMap(({ sequence }) => sequence.complaints));
  watching.abort();
  await Promise.all(running);
  const sum = (count: (watcher: SoakWatcher) => number) => watchers.reduce((total, one) => total + count(one), 0);
  return {
    received: sum(({ sequence }) => sequence.events),
    exact: sum(({ verdicts }) => verdicts.exact),
    complaints,
  };
}

/** A few who watch everything, and a crowd that watches one stream each. */
function steadyWatchers(port: number, { seed, watchers }: LoadOptions): SoakWatcher[] {
  return Array.from({ length: Math.ceil(watchers / 2) }, (_, i) => {
    const path = i % 10 === 0 ? EVERYTHING : (PATHS[i % PATHS.length] as string);
    return new SoakWatcher(port, path, MANNERS.steady, new Random(`${seed}/s${i}`));
  });
}

function passingWatchers(port: number, { seed, watchers }: LoadOptions): SoakWatcher[] {
  return Array.from({ length: Math.floor(watchers / 2) }, (_, i) => {
    const isStalled = i % 8 === 0;
    const path = isStalled ? FLOODED : (PATHS[i % PATHS.length] as string);
    return new SoakWatcher(port, path, isStalled ? MANNERS.stalled : MANNERS.visitor, new Random(`${seed}/p${i}`));
  });
}

/** Streams of numbers that nobody has watched before and nobody will again. */
async function visitNumbers(port: number, random: Random, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const visit = new AbortController();
    const watching = new SoakWatcher(port, `/sse/n${random.int(0, 2 ** 31)}`, MANNERS.steady, random).run(visit.signal);
    await pause(random.int(100, 1500), signal);
    visit.abort();
    await watching;
  }
}

/** Who stays all the time is never cut off, so it has one verdict, and every event. */
function problemsOf({ path, verdicts, sequence }: SoakWatcher, numbers: Numbers): string[] {
  return [
    ...(verdicts.exact + verdicts.gap > 0 ? [`a steady watcher of ${path} was cut off`] : []),
    ...(sequence.isComplete(numbers) ? [] : [`a steady watcher of ${path} has not got everything`]),
  ];
}

/** Only who stops reading falls behind by more than the history reaches. */
function gapsOf({ path, verdicts }: SoakWatcher): string[] {
  return path !== FLOODED && verdicts.gap > 0 ? [`a watcher of ${path} was told of ${verdicts.gap} gaps`] : [];
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + ARRIVAL_MS;
  while (!condition() && Date.now() < deadline) {
    await sleep(20);
  }
}
