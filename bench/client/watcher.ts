import { connect, type Socket } from 'node:net';
import { Scanner } from './scanner.js';

/** What a read goes to; all sockets share it, because each is scanned before the next one is read. */
const buffer = Buffer.allocUnsafe(256 * 1024);
const VERDICT = /"resume":"(\w+)"/;

interface WatcherEvents {
  /** The head of the answer is here. */
  ready(watcher: Watcher): void;
  /** Something has come, after the head. */
  read(): void;
  event(watcher: Watcher, n: number): void;
  closed(watcher: Watcher): void;
}

/** One event stream: a bare socket, the least a client can do. */
export class Watcher {
  /** Number of the newest event it has had. */
  last: number;
  /** What it was told of its cursor. */
  verdict: string | undefined;
  readonly #events: WatcherEvents;
  readonly #size: number;
  readonly #found = (n: number) => this.#events.event(this, n);
  #scanner = new Scanner();
  #socket: Socket | undefined;
  #head: string | undefined;

  /** @param last number before that of the first event it expects */
  constructor(last: number, size: number, events: WatcherEvents) {
    this.last = last;
    this.#size = size;
    this.#events = events;
  }

  get isConnected(): boolean {
    return this.#socket !== undefined;
  }

  connect(port: number, path: string, cursor?: string): void {
    const callback = (length: number) => this.#read(length);
    const socket = connect({ port, host: '127.0.0.1', noDelay: true, onread: { buffer, callback } });
    const resume = cursor === undefined ? '' : `Last-Event-ID: ${cursor}\r\n`;
    socket.on('error', () => {});
    socket.on('close', () => this.#close(socket));
    socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAccept: text/event-stream\r\n${resume}\r\n`);
    this.#socket = socket;
    this.#scanner = new Scanner();
    this.#head = '';
    this.verdict = undefined;
  }

  /** Stops reading, as a client that hangs. */
  stall(): void {
    this.#socket?.pause();
  }

  /** Cuts the connection off; leaves no port in TIME_WAIT. */
  cut(): void {
    this.#socket?.resetAndDestroy();
    this.#socket = undefined;
  }

  #read(length: number): true {
    if (this.#head !== undefined) {
      this.#readHead(this.#head + buffer.toString('latin1', 0, length));
    }
    this.#events.read();
    this.#scanner.scan(buffer, length, this.#size, this.#found);
    return true;
  }

  #readHead(text: string): void {
    const isReady = this.#head === '';
    const [, verdict] = VERDICT.exec(text) ?? [];
    this.verdict = verdict;
    this.#head = verdict !== undefined || text.length > 2048 ? undefined : text;
    if (isReady) {
      this.#events.ready(this);
    }
  }

  #close(socket: Socket): void {
    if (socket === this.#socket) {
      this.#socket = undefined;
      this.#events.closed(this);
    }
  }
}
