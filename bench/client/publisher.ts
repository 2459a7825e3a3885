import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Histogram } from './histogram.js';
import { FIRST, payloadOf } from './payload.js';
import type { Target } from './protocol.js';

const ANSWER = /HTTP\/1\.1 (\d)\d\d /g;
const STAMPS = 2 ** 20;

/** Publishes numbered events over connections that stay open. */
export class Publisher {
  /** Events published, answered, and answered with anything but 2xx. */
  published = 0;
  answered = 0;
  refused = 0;
  /** The text of the newest answer. */
  answer = '';
  onAnswer: () => void = () => {};
  /** Time from the write to the answer. */
  readonly latency = new Histogram();
  readonly #target: Target;
  readonly #busy: number;
  readonly #size: number;
  readonly #lanes: Lane[] = [];
  readonly #due = new Float64Array(STAMPS);

  /** @param busy streams that events go to, in turn */
  constructor(target: Target, busy: number, size: number) {
    this.#target = target;
    this.#busy = busy;
    this.#size = size;
  }

  get waiting(): number {
    return this.published - this.answered;
  }

  /** Opens connections up to this number. */
  async open(lanes: number): Promise<void> {
    while (this.#lanes.length < lanes) {
      const socket = connect({ port: this.#target.port, host: '127.0.0.1', noDelay: true });
      const lane = { socket, sent: [] };
      socket.on('data', (chunk) => this.#read(lane, chunk.toString('latin1')));
      await once(socket, 'connect');
      this.#lanes.push(lane);
    }
  }

  close(): void {
    for (const { socket } of this.#lanes) {
      socket.destroy();
    }
  }

  /** @param due when it should go out, by `performance.now()`: what latency is counted from */
  publish(due: number, lanes: number): void {
    const index = this.published++;
    const n = FIRST + index;
    this.#due[n % STAMPS] = due;
    const lane = this.#idlest(lanes);
    lane.sent.push(performance.now());
    lane.socket.write(this.#request(index, payloadOf(n, this.#size)));
  }

  /** When event `n` was due. */
  dueAt(n: number): number {
    return this.#due[n % STAMPS] as number;
  }

  #idlest(lanes: number): Lane {
    let best = this.#lanes[0] as Lane;
    for (let i = 1; i < lanes && best.sent.length > 0; i++) {
      const lane = this.#lanes[i] as Lane;
      best = lane.sent.length < best.sent.length ? lane : best;
    }
    return best;
  }

  #request(index: number, body: string): string {
    const path = this.#target.publish.replace('{}', `s${index % this.#busy}`).replace('#', `${index % 100}`);
    const host = `127.0.0.1:${this.#target.port}`;
    return `POST ${path} HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  }

  #read(lane: Lane, text: string): void {
    for (const [, status] of text.matchAll(ANSWER)) {
      this.answered++;
      this.refused += status === '2' ? 0 : 1;
      this.latency.record(performance.now() - (lane.sent.shift() ?? 0));
    }
    this.answer = text;
    this.onAnswer();
  }
}

interface Lane {
  readonly socket: Socket;
  /** When each request that waits for its answer was written. */
  readonly sent: number[];
}
