import { get, type IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EventSourceMessage } from 'eventsource-parser';
import type { Format } from '../../src/events/frame.js';
import { parseSelection, type Selection } from '../../src/events/selection.js';
import { createReader } from '../support/frames.js';
import { type Ledger, positionOf } from './ledger.js';
import type { Random } from './random.js';

/** One connection as a client would remember it. */
export interface Session {
  readonly resume: 'fresh' | 'exact' | 'gap';
  readonly reason: string | undefined;
  /** The cursor it came back with; undefined for the first. */
  readonly cursor: string | undefined;
  /** The id of its first frame. */
  readonly from: string;
  /** The last id it was given, control frames included. */
  upTo: string;
  readonly events: { readonly id: string; readonly name: string }[];
  /** Acknowledged positions when it began. */
  readonly known: number;
}

interface Connected {
  readonly resume: Session['resume'];
  readonly reason?: string;
}

/** Watches a selection, leaves and is cut off, and comes back with the last id it saw. */
export class Watcher {
  readonly selection: Selection;
  readonly sessions: Session[] = [];
  readonly #url: string;
  readonly #format: Format;
  readonly #ledger: Ledger;
  readonly #random: Random;
  #cursor: string | undefined;

  constructor(streams: string, format: Format, port: number, ledger: Ledger, random: Random, cursor?: string) {
    this.selection = parseSelection(streams);
    this.#format = format;
    const path = format === 'plain' ? `/sse/${streams}` : `/events?streams=${encodeURIComponent(streams)}`;
    this.#url = `http://127.0.0.1:${port}${path}`;
    this.#ledger = ledger;
    this.#random = random;
    this.#cursor = cursor;
  }

  /** Everything up to here has been received. */
  get position(): number {
    return this.#cursor === undefined ? 0 : positionOf(this.#cursor);
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const isShort = this.#random.chance(0.3);
      const stay = isShort ? this.#random.int(5, 300) : 60_000;
      await this.#connect(AbortSignal.any([signal, AbortSignal.timeout(stay)]));
      await sleep(this.#random.int(5, isShort ? 400 : 30));
    }
  }

  async #connect(signal: AbortSignal): Promise<void> {
    const cursor = this.#cursor;
    const headers = cursor === undefined ? {} : { 'last-event-id': cursor };
    const reader = createReader((message) => this.#take(message, cursor));
    await new Promise<void>((resolve) => {
      const request = get(this.#url, { headers, agent: false, signal }, (response) => {
        response.on('data', (chunk: Buffer) => {
          reader.feed(chunk);
          this.#dawdle(response);
        });
        response.on('error', () => {}).on('close', resolve);
        // What it has buffered must not come when the next connection has begun.
        request.on('error', () => response.destroy());
      });
      request.on('error', () => resolve());
    });
  }

  /** Now and then it reads slowly, so that the server has to wait for it. */
  #dawdle(response: IncomingMessage): void {
    if (this.#random.chance(0.05)) {
      response.pause();
      setTimeout(() => response.resume(), this.#random.int(1, 40));
    }
  }

  #take({ id, event, data }: EventSourceMessage, cursor: string | undefined): void {
    if (id === undefined) {
      return;
    }
    const body = JSON.parse(data);
    const type = this.#format === 'plain' ? event : body.type;
    const content = this.#format === 'plain' ? body : body.data;
    if (type === 'connected') {
      this.#begin(content, cursor, id);
    } else if (type !== 'heartbeat') {
      const isGenerated = type === 'metrics-update';
      this.sessions.at(-1)?.events.push({ id, name: isGenerated ? 'metrics' : content.name });
      if (isGenerated) {
        this.#ledger.witness(id);
      }
    }
    Object.assign(this.sessions.at(-1) ?? {}, { upTo: id });
    this.#cursor = id;
  }

  #begin({ resume, reason }: Connected, cursor: string | undefined, from: string): void {
    this.sessions.push({ resume, reason, cursor, from, upTo: from, events: [], known: this.#ledger.size });
  }
}
