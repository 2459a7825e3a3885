import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../torture/random.js';
import { exchange, type Outgoing } from './exchange.js';
import type { Numbers } from './numbers.js';
import { pause } from './pause.js';

const MAX_BATCH = 20;
const RETRY_MS = 200;
const FLOOD_BYTES = 200_000;
const FLOOD_EVENTS = 48;
const TASK_TOTAL = 1_000_000_000;

type Kind = (numbers: Numbers, random: Random) => { readonly outgoing: Outgoing; readonly events: number };

const json = (path: string, value: unknown, method: 'POST' | 'PUT' = 'POST'): Outgoing => ({
  method,
  path,
  type: 'application/json',
  body: JSON.stringify(value),
});

const pad = (random: Random) => 'x'.repeat(random.chance(0.02) ? random.int(5000, 20_000) : random.int(0, 500));

function batch(name: string, numbers: Numbers, random: Random) {
  return Array.from({ length: random.int(1, MAX_BATCH) }, () => {
    const stream = `soak.${name}.${random.int(0, 3)}`;
    return { stream, data: { n: numbers.next(stream), pad: pad(random) } };
  });
}

/** Every way to publish; each is used by one publisher, so that its series have one order. */
export const KINDS: Readonly<Record<string, Kind>> = {
  one: (numbers, random) => ({
    outgoing: json('/sse/soak.one', { n: numbers.next('soak.one'), pad: pad(random) }),
    events: 1,
  }),
  text: (numbers) => ({
    outgoing: { method: 'POST', path: '/sse/soak.text', type: 'text/plain', body: String(numbers.next('soak.text')) },
    events: 1,
  }),
  batch: (numbers, random) => {
    const events = batch('batch', numbers, random);
    return { outgoing: json('/events', events), events: events.length };
  },
  lines: (numbers, random) => {
    const events = batch('lines', numbers, random);
    const body = events.map((event) => JSON.stringify(event)).join('\n');
    return { outgoing: { method: 'POST', path: '/events', type: 'application/x-ndjson', body }, events: events.length };
  },
  notify: (numbers) => ({
    outgoing: json('/notify', { message: String(numbers.next('soak.notices')), stream: 'soak.notices' }),
    events: 1,
  }),
  task: (numbers) => ({
    outgoing: json('/tasks/soak', { moved: numbers.next('tasks.soak'), total: TASK_TOTAL }, 'PUT'),
    events: 1,
  }),
  churn: (numbers) => {
    const n = numbers.next('churn');
    return { outgoing: json(`/sse/churn.${n}`, { n }), events: 1 };
  },
};

/** Publishes one kind at a rate, and repeats what was not accepted with the same key. */
export async function publishKind(
  port: number,
  name: string,
  perSecond: number,
  numbers: Numbers,
  random: Random,
  signal: AbortSignal,
): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const next = KINDS[name] as Kind;
  for (let due = performance.now(); !signal.aborted; ) {
    const { outgoing, events } = next(numbers, random);
    await insist(port, agent, outgoing, `${name}-${numbers.total}`);
    due += (1000 * events) / perSecond;
    await pause(due - performance.now(), signal);
  }
  agent.destroy();
}

/** Now and then more at once than a reader that has stalled can be sent. */
export async function flood(port: number, everyMs: number, numbers: Numbers, signal: AbortSignal): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  while (!signal.aborted) {
    for (let i = 0; i < FLOOD_EVENTS; i++) {
      const n = numbers.next('soak.flood');
      await insist(port, agent, json('/sse/soak.flood', { n, pad: 'x'.repeat(FLOOD_BYTES) }), `flood-${n}`);
    }
    await pause(everyMs, signal);
  }
  agent.destroy();
}

async function insist(port: number, agent: Agent, outgoing: Outgoing, key: string): Promise<void> {
  for (;;) {
    const status = await exchange(port, agent, outgoing, key);
    if (status === 200 || status === 201) {
      return;
    }
    if (status !== 0 && status !== 429 && status !== 503) {
      throw new Error(`${outgoing.method} ${outgoing.path} was answered ${status}`);
    }
    await sleep(RETRY_MS);
  }
}
