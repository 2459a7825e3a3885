import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Test } from 'tap';

/** A control frame: its type and what it says. */
interface Control {
  readonly type: string;
  readonly data: Record<string, unknown>;
}

/** A watcher over a bare socket that keeps what a test of load asks for: positions, not data. */
class Watcher {
  readonly socket: Socket;
  readonly controls: Control[] = [];
  /** Positions of the events received, in the order they came. */
  readonly positions: number[] = [];
  /** What it would come back with. */
  cursor: string | undefined;
  isClosed = false;
  #rest = '';
  #id = '';
  #type = '';
  #data = '';

  constructor(port: number, path: string, cursor?: string) {
    const resume = cursor === undefined ? '' : `last-event-id: ${cursor}\r\n`;
    this.socket = connect({ port, host: '127.0.0.1' });
    this.socket.setEncoding('latin1');
    this.socket.on('data', (chunk: string) => this.#read(chunk));
    this.socket.on('error', () => {});
    this.socket.on('close', () => {
      this.isClosed = true;
    });
    this.socket.write(`GET ${path} HTTP/1.1\r\nhost: localhost\r\n${resume}\r\n`);
  }

  /** What it was told of its cursor; undefined before that. */
  get verdict(): unknown {
    return this.controls.find(({ type }) => type === 'connected')?.data.resume;
  }

  #read(chunk: string): void {
    const lines = (this.#rest + chunk).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      this.#readLine(line);
    }
  }

  #readLine(line: string): void {
    if (line === '') {
      this.#dispatch();
    } else if (line.startsWith('id: ')) {
      this.#id = line.slice(4);
    } else if (line.startsWith('event: ')) {
      this.#type = line.slice(7);
    } else if (line.startsWith('data: ') && this.#type !== '') {
      this.#data = line.slice(6);
    }
  }

  #dispatch(): void {
    this.cursor = this.#id === '' ? this.cursor : this.#id;
    if (this.#type !== '') {
      this.controls.push({ type: this.#type, data: JSON.parse(this.#data) });
    } else if (this.#id !== '') {
      this.positions.push(Number(this.#id.split('.')[1]));
    }
    this.#id = '';
    this.#type = '';
    this.#data = '';
  }
}

/** Opens watchers all at once, each with the cursor given for it; cut off with the test. */
export function flock(t: Test, port: number, count: number, cursors: readonly (string | undefined)[] = []): Watcher[] {
  const watchers = Array.from({ length: count }, (_, i) => new Watcher(port, '/sse/load', cursors[i]));
  t.teardown(() => cutOff(watchers));
  return watchers;
}

export function cutOff(watchers: readonly Watcher[]): void {
  for (const { socket } of watchers) {
    socket.resetAndDestroy();
  }
}

/** `from` to `to`, both included. */
export function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

/** One request after the other on one connection, which stays open and so needs no new file. */
export class KeptConnection {
  readonly #socket: Socket;

  private constructor(socket: Socket) {
    this.#socket = socket;
  }

  static async open(t: Test, port: number): Promise<KeptConnection> {
    const socket = connect({ port, host: '127.0.0.1' });
    t.teardown(() => socket.destroy());
    await once(socket, 'connect');
    return new KeptConnection(socket);
  }

  /** Gives the answer as it came. */
  async send(line: string, body = ''): Promise<string> {
    const head = `host: localhost\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n`;
    this.#socket.write(`${line} HTTP/1.1\r\n${head}\r\n${body}`);
    const [chunk] = await once(this.#socket, 'data');
    return String(chunk);
  }
}
