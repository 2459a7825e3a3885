import { inPlace } from '../errors.js';
import { formatCursor } from '../events/cursor.js';
import { checkStream, type EventInput, type NewEvent, prepareEvent, type StoredEvent } from '../events/event.js';
import type { Appended, EventLog } from '../log/event-log.js';
import { type Claim, createReceipt } from '../log/receipts.js';
import { checkBatchSize } from './batch-size.js';
import { Idempotency, type Outcome } from './idempotency.js';
import { StreamQuota } from './stream-quota.js';

interface BusLimits {
  /** Most bytes of one event's data. */
  readonly maxEventBytes: number;
  /** Most events in one batch. */
  readonly maxBatchEvents: number;
  /** Most streams begun by one publisher; 0 for any number. */
  readonly maxStreamsPerPrincipal: number;
}

/** What is known of a request to publish, beside its events. */
export interface PublishOptions {
  /** Makes a repetition with the same claim publish nothing and be answered alike. Default: none, each publishes. */
  readonly claim?: Claim | undefined;
  /** Who it is from, for the limit of streams that one may begin. Default: not counted. */
  readonly publisher?: string | undefined;
}

/** What a publisher is told of an event the log has accepted. */
export interface Published {
  /** Its cursor, the `id:` that watchers see. */
  readonly id: string;
  readonly stream: string;
  readonly type: string;
  /** When it was accepted, ISO 8601. */
  readonly time: string;
  /** Live connections it was queued to here; left out when it had been published before, with the same claim. */
  readonly subscribers?: number;
}

/** What a publisher is told of a batch; `ids` are in the order of the events. */
export interface PublishedBatch {
  readonly ids: string[];
  readonly subscribers?: number;
}

const UNCLAIMED: Claim = { key: '', fingerprint: '' };

/** Where events come in, from HTTP, from generators and from the host application alike. */
export class EventBus {
  readonly log: EventLog;
  readonly #limits: BusLimits;
  readonly #idempotency: Idempotency;
  readonly #quota: StreamQuota;
  readonly #onPublished: (event: StoredEvent) => void;

  /** @param onPublished told of each event the log has accepted, but those of generators */
  constructor(log: EventLog, limits: BusLimits, onPublished: (event: StoredEvent) => void = () => {}) {
    this.log = log;
    this.#limits = limits;
    this.#onPublished = onPublished;
    this.#idempotency = new Idempotency(log);
    this.#quota = new StreamQuota(limits.maxStreamsPerPrincipal, log.streams);
  }

  /**
   * Publishes one event; resolves when the log has accepted it at the configured durability.
   * @throws SluiceError 400 for what is not an event or no claim, 413 for one that is too large, 422 for a claim on something else,
   * 429 for one stream too many, 503 or 507 when the log cannot store it
   */
  async publish(event: EventInput, options: PublishOptions = {}): Promise<Published> {
    return this.#publish(event, false, options);
  }

  /** Publishes on behalf of a built-in generator: retention keeps such events apart. */
  async generate(event: EventInput): Promise<Published> {
    return this.#publish(event, true, {});
  }

  /**
   * Publishes many events, all or nothing; they get consecutive positions in their order.
   * @throws SluiceError as `publish`, naming the first bad index; 413 for too many
   */
  async publishBatch(events: readonly EventInput[], options: PublishOptions = {}): Promise<PublishedBatch> {
    checkBatchSize(events.length, this.#limits.maxBatchEvents);
    const batch = events.map((event, index) => this.#prepareAt(event, index));
    const { receipt, reached } = await this.#append(batch, options);
    const { epoch, first, count } = receipt;
    const ids = Array.from({ length: count }, (_, index) => formatCursor(epoch, first + index));
    return { ids, ...(reached !== undefined && { subscribers: reached }) };
  }

  /** Removes a stream's history for good; resolves to the number of events removed. */
  async purge(stream: string): Promise<number> {
    checkStream(stream);
    return this.log.purge(stream);
  }

  async #publish(event: EventInput, generated: boolean, options: PublishOptions): Promise<Published> {
    const prepared = prepareEvent(event, this.#limits.maxEventBytes, generated);
    const { receipt, reached } = await this.#append([prepared], options);
    const { epoch, first, stream, type, time } = receipt;
    const published = { id: formatCursor(epoch, first), stream, type, time: new Date(time).toISOString() };
    return reached === undefined ? published : { ...published, subscribers: reached };
  }

  async #append(batch: readonly NewEvent[], options: PublishOptions): Promise<Outcome> {
    if (options.claim !== undefined) {
      return this.#idempotency.once(options.claim, () => this.#store(batch, options));
    }
    const { events, reached } = await this.#store(batch, options);
    return { receipt: createReceipt(UNCLAIMED, events), reached };
  }

  async #store(batch: readonly NewEvent[], { claim, publisher }: PublishOptions): Promise<Appended> {
    const append = () => this.log.append(batch, claim);
    const streams = batch.map(({ stream }) => stream);
    const appended = await (publisher === undefined ? append() : this.#quota.within(publisher, streams, append));
    for (const event of appended.events) {
      if (!event.generated) {
        this.#onPublished(event);
      }
    }
    return appended;
  }

  #prepareAt(event: EventInput, index: number): NewEvent {
    return inPlace(`event ${index}`, () => prepareEvent(event, this.#limits.maxEventBytes));
  }
}
