import { SluiceError } from '../errors.js';
import { formatCursor } from '../events/cursor.js';
import { checkStream, type EventInput, prepareEvent } from '../events/event.js';
import type { EventLog } from '../log/event-log.js';

export interface BusLimits {
  /** Most bytes of one event's data. */
  readonly maxEventBytes: number;
  /** Most events in one batch. */
  readonly maxBatchEvents: number;
}

/** What a publisher is told of an event the log has accepted. */
export interface Published {
  /** Its cursor, the `id:` that watchers see. */
  readonly id: string;
  readonly stream: string;
  readonly type: string;
  /** When it was accepted, ISO 8601. */
  readonly time: string;
  /** Live connections it was queued to here. */
  readonly subscribers: number;
}

/** What a publisher is told of a batch; `ids` are in the order of the events. */
export interface PublishedBatch {
  readonly ids: string[];
  readonly subscribers: number;
}

/** Where events come in, from HTTP, from generators and from the host application alike. */
export class EventBus {
  readonly log: EventLog;
  readonly #limits: BusLimits;

  constructor(log: EventLog, limits: BusLimits) {
    this.log = log;
    this.#limits = limits;
  }

  /**
   * Publishes one event; resolves when the log has accepted it at the configured durability.
   * @throws SluiceError 400 for what is not an event, 413 for one that is too large, 429 for one stream too many
   */
  async publish(event: EventInput): Promise<Published> {
    return this.#append(event, false);
  }

  /** Publishes on behalf of a built-in generator: retention keeps such events apart. */
  async generate(event: EventInput): Promise<Published> {
    return this.#append(event, true);
  }

  /**
   * Publishes many events, all or nothing; they get consecutive positions in their order.
   * @throws SluiceError as `publish`, naming the first bad index; 413 for too many
   */
  async publishBatch(events: readonly EventInput[]): Promise<PublishedBatch> {
    this.#checkCount(events.length);
    const batch = events.map((event, index) => this.#prepareAt(event, index));
    const { events: stored, reached } = await this.log.append(batch);
    return { ids: stored.map(({ epoch, pos }) => formatCursor(epoch, pos)), subscribers: reached };
  }

  /** Removes a stream's history for good; resolves to the number of events removed. */
  async purge(stream: string): Promise<number> {
    checkStream(stream);
    return this.log.purge(stream);
  }

  async #append(event: EventInput, generated: boolean): Promise<Published> {
    const prepared = prepareEvent(event, this.#limits.maxEventBytes, generated);
    const { events, reached } = await this.log.append([prepared]);
    const [stored] = events;
    if (stored === undefined) {
      throw new Error('the log accepted an event but returned none');
    }
    const { epoch, pos, stream, type, time } = stored;
    return { id: formatCursor(epoch, pos), stream, type, time: new Date(time).toISOString(), subscribers: reached };
  }

  #checkCount(count: number): void {
    if (count === 0) {
      throw new SluiceError('SLUICE_EMPTY_BATCH', 400, 'the batch has no events');
    }
    if (count > this.#limits.maxBatchEvents) {
      const message = `the batch has ${count} events, more than the ${this.#limits.maxBatchEvents} allowed`;
      throw new SluiceError('SLUICE_BATCH_TOO_LARGE', 413, message);
    }
  }

  #prepareAt(event: EventInput, index: number) {
    try {
      return prepareEvent(event, this.#limits.maxEventBytes);
    } catch (error) {
      throw error instanceof SluiceError ? error.at(`event ${index}`) : error;
    }
  }
}
