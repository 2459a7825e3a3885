import { encodeEvent } from '../../events/frame.js';
import type { EventLog } from '../../log/event-log.js';
import type { Told } from '../../log/known-streams.js';
import type { Audience } from '../audience.js';
import type { Connection } from '../connection.js';
import type { Pacer } from './pacer.js';
import type { Verdict } from './resume.js';
import type { FramePage, Window } from './window.js';

/** A page is at most this many bytes (or one event), so that a slow link shows progress and a fast one shares the turn. */
export const PAGE_BYTES = 64 * 1024;

const NOTHING = { streams: [], floor: false };

/** What all catch-ups of a hub work with. */
export interface CatchUpContext {
  readonly log: EventLog;
  readonly window: Window;
  readonly audience: Audience;
  readonly pacer: Pacer;
}

/**
 * Serves a connection what it missed, page by page as it drains, from the log where the window does not reach. The
 * last page from the window and the join are one synchronous step, so there is neither gap nor duplicate.
 */
export class CatchUp {
  readonly #context: CatchUpContext;
  readonly #connection: Connection;
  readonly #wasLost: boolean;
  /** Whoever were thrown out when more goes of what it was told of might never get anywhere. */
  readonly #told: Told;
  #trims: number;
  #drained: Promise<void> | undefined;

  /** @param verdict what the watcher has been told of its cursor */
  constructor(context: CatchUpContext, connection: Connection, { reason }: Verdict) {
    const { log } = context;
    this.#context = context;
    this.#connection = connection;
    const { selection, position } = connection;
    const { streams, floor } = reason === 'trimmed' ? log.streams.trimmedAfter(selection, position) : NOTHING;
    this.#told = { streams: new Set(streams), floor, upTo: log.head };
    this.#wasLost = log.lostAfter(position);
    this.#trims = log.usage().trims;
  }

  /** Resolves when the connection is live, or has ended. */
  async run(): Promise<void> {
    // Most are little behind, and for them this is all. It costs no more than taking them in; the rest waits its turn.
    if (this.#isInWindow) {
      this.#send(this.#readWindow());
    }
    for (let isFirst = this.#drained === undefined; this.#isBehind; isFirst = false) {
      await this.#drained;
      await this.#context.pacer.run(() => this.#step(), isFirst);
    }
  }

  get #isBehind(): boolean {
    return this.#connection.isOpen && this.#connection.cohort === undefined;
  }

  get #isInWindow(): boolean {
    return this.#connection.position >= this.#context.window.floor;
  }

  /** By retention, or by damage that a read came upon. */
  get #isOvertaken(): boolean {
    const { log } = this.#context;
    const { selection, position } = this.#connection;
    const isTrimmed = log.streams.trimmedSince(selection, position, this.#trims, this.#told);
    return isTrimmed || (!this.#wasLost && log.lostAfter(position));
  }

  async #step(): Promise<void> {
    if (this.#connection.isOpen) {
      this.#send(this.#isInWindow ? this.#readWindow() : await this.#readLog());
    }
  }

  #readWindow(): FramePage {
    const { selection, format, position } = this.#connection;
    return this.#context.window.read(selection, format, position, PAGE_BYTES);
  }

  async #readLog(): Promise<FramePage> {
    const { selection, format, position } = this.#connection;
    const { events, upTo } = await this.#context.log.read(selection, position, PAGE_BYTES);
    return { frames: events.map((event) => encodeEvent(event, format)), upTo, complete: false };
  }

  #send({ frames, upTo, complete }: FramePage): void {
    const { log, audience } = this.#context;
    const connection = this.#connection;
    if (!connection.isOpen) {
      return;
    }
    // What has gone meanwhile cannot be served: better to end here, and let the return be told of the gap.
    if (this.#isOvertaken) {
      audience.end(connection, 'overtaken');
      return;
    }
    this.#trims = log.usage().trims;
    connection.position = upTo;
    const chunk = Buffer.concat(frames);
    if (complete) {
      connection.write(chunk, frames.length);
      audience.join(connection);
      return;
    }
    this.#drained = connection.writeAndDrain(chunk, frames.length);
    audience.backpressure.track(connection);
  }
}
