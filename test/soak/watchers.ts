import { type ClientRequest, get, type IncomingMessage } from 'node:http';
import type { EventSourceMessage } from 'eventsource-parser';
import { createReader } from '../support/frames.js';
import type { Random } from '../torture/random.js';
import { pause } from './pause.js';
import { Sequence } from './sequence.js';

/** How a watcher behaves; times in ms. */
interface Manner {
  /** How long it stays; it leaves only at the end when there is none. */
  readonly stay?: readonly [number, number];
  readonly away: readonly [number, number];
  /** How long it stops reading, each time it comes. */
  readonly stall?: readonly [number, number];
}

export const MANNERS = {
  steady: { away: [100, 200] },
  visitor: { stay: [100, 8000], away: [0, 3000] },
  stalled: { stay: [8000, 15_000], away: [0, 500], stall: [3000, 6000] },
} as const satisfies Record<string, Manner>;

/** Watches over HTTP as curl does, comes back with its cursor, and notices what is missing. */
export class SoakWatcher {
  readonly path: string;
  readonly sequence: Sequence;
  readonly verdicts = { fresh: 0, exact: 0, gap: 0 };
  readonly #manner: Manner;

  readonly #port: number;
  readonly #random: Random;
  #cursor: string | undefined;

  constructor(port: number, path: string, manner: Manner, random: Random) {
    this.#port = port;
    this.path = path;
    this.#manner = manner;
    this.#random = random;
    this.sequence = new Sequence(path);
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#connect(signal);
      if (this.#random.chance(0.1)) {
        this.#cursor = undefined;
      }
      await pause(this.#within(this.#manner.away), signal);
    }
  }

  async #connect(signal: AbortSignal): Promise<void> {
    const headers = this.#cursor === undefined ? {} : { 'last-event-id': this.#cursor };
    const reader = createReader((message) => this.#take(message));
    const options = { port: this.#port, host: '127.0.0.1', path: this.path, headers, agent: false };
    await new Promise<void>((resolve) => {
      const request = get(options, (response) => {
        this.#stall(response);
        response.on('data', (chunk: Buffer) => reader.feed(chunk));
        response.on('error', () => {}).on('close', resolve);
        // What it has buffered must not come when the next connection has begun.
        request.on('error', () => response.destroy());
      });
      request.on('error', () => resolve());
      this.#leave(request, signal);
    });
  }

  /** Goes when its time is up or the load ends. */
  #leave(request: ClientRequest, signal: AbortSignal): void {
    const { stay } = this.#manner;
    const leave = () => request.destroy(new Error('left'));
    const timer = stay === undefined ? undefined : setTimeout(leave, this.#within(stay));
    signal.addEventListener('abort', leave);
    request.once('close', () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', leave);
    });
  }

  #stall(response: IncomingMessage): void {
    const { stall } = this.#manner;
    if (stall !== undefined) {
      response.pause();
      setTimeout(() => response.resume(), this.#within(stall));
    }
  }

  #take({ id, event, data }: EventSourceMessage): void {
    const isPlain = this.path.startsWith('/sse/');
    const envelope = isPlain ? { type: event, stream: this.path.slice('/sse/'.length), data } : JSON.parse(data);
    if (envelope.type === 'connected') {
      this.#begin(isPlain ? JSON.parse(data) : envelope.data);
    } else if (id !== undefined && envelope.type !== 'heartbeat') {
      this.#count(envelope.stream, isPlain ? JSON.parse(data) : envelope.data);
    }
    this.#cursor = id ?? this.#cursor;
  }

  #begin({ resume }: { readonly resume: 'fresh' | 'exact' | 'gap' }): void {
    this.verdicts[resume]++;
    if (resume !== 'exact') {
      this.sequence.restart();
    }
  }

  #count(stream: string, data: unknown): void {
    if (/^(?:soak|churn|tasks)\./.test(stream)) {
      this.sequence.take(stream, data);
    }
  }

  #within([min, max]: readonly [number, number]): number {
    return this.#random.int(min, max);
  }
}
