import { pssKb } from '../client/usage.js';
import { sampleDuring } from '../support/sample.js';
import { memory } from './contenders.js';
import { median } from './figures.js';
import { print } from './print.js';
import { type Session, withSession } from './session.js';

/** Some watchers stop reading: whether the others notice, what it takes of memory, and whether those come back whole. */
const ROUNDS = Number(process.argv[2] ?? 5);
const READING = 950;
const STALLED = 50;
/** 400 kB a second to each: what the kernel and `MAX_BUFFERED_BYTES` hold is full within the run. */
const LOAD = { rate: 100, seconds: 20 };
const SIZE = 4000;
const SAMPLE_MS = 250;

interface Round {
  readonly p99Ms: number;
  readonly peakMb: number;
  /** Cut off as slow, and came back `exact` with everything. */
  readonly slow: number;
  readonly whole: number;
}

async function round(stalled: number): Promise<Round> {
  return withSession(memory, { watchers: READING + stalled, size: SIZE }, async (session) => {
    const { call, server } = session;
    await call('rate', { ...LOAD, seconds: 1 });
    const cursor = await call('publish', { events: 1 });
    await call('hold', { seconds: 0.5 });
    await call('stall', { watchers: stalled });
    const memoryMb = () => pssKb([server.pid]) / 1024;
    const [{ p99Ms, published }, sizesMb] = await sampleDuring(call('rate', LOAD), SAMPLE_MS, memoryMb);
    const slow = await slowOnes(server.url);
    const whole = stalled === 0 ? 0 : await comeBack(session, stalled, cursor, published);
    return { p99Ms, peakMb: Math.max(...sizesMb), slow, whole };
  });
}

async function comeBack({ call }: Session, stalled: number, cursor: string, missed: number): Promise<number> {
  await call('cut', { watchers: stalled });
  const { exact, delivered, expected, faults } = await call('comeBack', { cursor, missed });
  return delivered === expected && faults === 0 ? exact : 0;
}

async function slowOnes(url: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const [, count = '0'] = /^sluice_connections_closed_total\{reason="slow"\} (\d+)$/m.exec(text) ?? [];
  return Number(count);
}

const [without, withSlow]: [Round[], Round[]] = [[], []];
for (let i = 0; i < ROUNDS; i++) {
  without.push(await round(0));
  withSlow.push(await round(STALLED));
}
const middle = (rounds: readonly Round[], field: 'p99Ms' | 'peakMb') => median(rounds.map((each) => each[field]));
print({
  rounds: ROUNDS,
  'watchers that read': READING,
  'watchers that stop': STALLED,
  'cut off as slow, in the worst round': Math.min(...withSlow.map(({ slow }) => slow)),
  'back exact with everything, in the worst round': Math.min(...withSlow.map(({ whole }) => whole)),
  'p99 of the others without them, ms': middle(without, 'p99Ms').toFixed(2),
  'p99 of the others with them, ms': middle(withSlow, 'p99Ms').toFixed(2),
  'as a ratio': (middle(withSlow, 'p99Ms') / middle(without, 'p99Ms')).toFixed(2),
  'peak of memory without them, MB': middle(without, 'peakMb').toFixed(0),
  'peak of memory with them, MB': middle(withSlow, 'peakMb').toFixed(0),
});
process.exitCode = withSlow.every(({ slow, whole }) => slow === STALLED && whole === STALLED) ? 0 : 1;
