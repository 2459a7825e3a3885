import { setTimeout as sleep } from 'node:timers/promises';
import type { Ledger } from './ledger.js';
import type { Random } from './random.js';

const STREAMS = ['a', 'b', 'orders.1', 'orders.2', 'orders.eu.1', 'tasks.x'] as const;
const MAX_BATCH = 20;
const RETRY_MS = 15;
const DEFAULT_TIMEOUT_MS = 10_000;

interface Request {
  readonly key: string;
  readonly path: string;
  readonly body: string;
  readonly events: readonly { readonly stream: string; readonly name: string }[];
}

interface Answer {
  readonly id?: string;
  readonly ids?: readonly string[];
}

/** Publishes one request after the other, and repeats each with the same key until it is acknowledged. */
export class Publisher {
  readonly complaints: string[] = [];
  /** Answers that told of an earlier success. */
  replayed = 0;
  readonly #name: string;
  readonly #origin: string;
  readonly #ledger: Ledger;
  readonly #random: Random;
  readonly #timeoutMs: number;
  #count = 0;

  /** @param timeoutMs after which a request without an answer is repeated */
  constructor(name: string, port: number, ledger: Ledger, random: Random, timeoutMs = DEFAULT_TIMEOUT_MS) {
    this.#name = name;
    this.#origin = `http://127.0.0.1:${port}`;
    this.#ledger = ledger;
    this.#random = random;
    this.#timeoutMs = timeoutMs;
  }

  /** Returns once the last request has been acknowledged. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const request = this.#next();
      const ids = await this.#insist(request);
      request.events.forEach((event, i) => {
        this.#ledger.acknowledge({ ...event, id: ids[i] ?? '' });
      });
      if (this.#random.chance(0.1)) {
        await this.#repeat(request, ids);
      }
      if (this.#random.chance(0.2)) {
        await sleep(this.#random.int(1, 10));
      }
    }
  }

  #next(): Request {
    const count = this.#random.chance(0.3) ? this.#random.int(1, MAX_BATCH) : 0;
    const number = ++this.#count;
    const events = Array.from({ length: Math.max(1, count) }, (_, i) => {
      const name = `${this.#name}/${number}/${i}`;
      const data = { name, pad: 'x'.repeat(this.#random.int(0, 300)) };
      return { stream: this.#random.pick(STREAMS), name, data };
    });
    const [first] = events;
    const isBatch = count > 0 || first === undefined;
    return {
      key: `${this.#name}-${number}`,
      path: isBatch ? '/events' : `/sse/${first.stream}`,
      body: JSON.stringify(isBatch ? events.map(({ stream, data }) => ({ stream, data })) : first.data),
      events,
    };
  }

  async #insist(request: Request): Promise<readonly string[]> {
    for (;;) {
      const ids = await this.#send(request);
      if (ids !== undefined) {
        return ids;
      }
      await sleep(RETRY_MS);
    }
  }

  /** What was acknowledged is answered the same for ever after, also by another process. */
  async #repeat(request: Request, ids: readonly string[]): Promise<void> {
    const again = await this.#insist(request);
    if (again.join() !== ids.join()) {
      this.complaints.push(`${request.key} was first given ${ids.join()}, then ${again.join()}`);
    }
  }

  /** Undefined when nobody knows what came of it. */
  async #send({ key, path, body, events }: Request): Promise<readonly string[] | undefined> {
    const headers = { 'content-type': 'application/json', 'idempotency-key': key };
    const signal = AbortSignal.timeout(this.#timeoutMs);
    try {
      const response = await fetch(this.#origin + path, { method: 'POST', headers, body, signal });
      const { id, ids = id === undefined ? [] : [id] } = (await response.json()) as Answer;
      if (response.status === 201 && ids.length === events.length) {
        this.replayed += response.headers.has('idempotent-replayed') ? 1 : 0;
        return ids;
      }
      if (response.status < 500) {
        this.complaints.push(`${key} was answered ${response.status}`);
      }
    } catch {
      // The server is gone: whether it stored the events is what the key is for.
    }
    return undefined;
  }
}
