import { type StoredEvent, sizeOf } from '../../events/event.js';
import { encodeEvent, type Format } from '../../events/frame.js';
import type { Selection } from '../../events/selection.js';
import type { EventLog } from '../../log/event-log.js';
import { Timeline, vacate } from '../../log/timeline.js';

/** An event in the window with the frames that have been needed so far. */
interface WindowEntry {
  event: StoredEvent;
  gone: boolean;
  plain: Buffer | undefined;
  envelope: Buffer | undefined;
}

/** Frames of a selection, read up to a position. */
export interface FramePage {
  readonly frames: Buffer[];
  readonly upTo: number;
  /** True when nothing of the selection is left after `upTo`. */
  readonly complete: boolean;
}

/** The newest part of the log in memory, bounded by bytes. An event is encoded once per format, when first wanted. */
export class Window {
  readonly #maxBytes: number;
  readonly #timeline = new Timeline<WindowEntry>();
  #bytes = 0;
  #floor: number;

  /**
   * @param maxBytes most bytes of events and frames; the newest event stays even when it alone is larger
   * @param floor position after which it will hold everything
   */
  constructor(maxBytes: number, floor: number) {
    this.#maxBytes = maxBytes;
    this.#floor = floor;
  }

  /** The window holds every retained event after this position. */
  get floor(): number {
    return this.#floor;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get size(): number {
    return this.#timeline.size;
  }

  push(event: StoredEvent): WindowEntry {
    const entry: WindowEntry = { event, gone: false, plain: undefined, envelope: undefined };
    this.#timeline.push(entry);
    this.#bytes += sizeOf(event);
    this.evict();
    return entry;
  }

  /** The bytes every watcher of this format shares. */
  frame(entry: WindowEntry, format: Format): Buffer {
    const known = entry[format];
    if (known !== undefined) {
      return known;
    }
    const frame = encodeEvent(entry.event, format);
    entry[format] = frame;
    if (!entry.gone) {
      this.#bytes += frame.length;
    }
    return frame;
  }

  /**
   * About `maxBytes` of frames after a position that is not below the floor; at least one if there is one, unless to look
   * for it takes more than a turn bears.
   */
  read(selection: Selection, format: Format, pos: number, maxBytes: number): FramePage {
    const page = this.#read(selection, format, pos, maxBytes);
    this.evict();
    return page;
  }

  /** The position just before the newest `count` events of a selection, as far as the window and the search for them reach. */
  before(selection: Selection, count: number): number | undefined {
    let oldest: number | undefined;
    let left = count;
    for (const { event } of this.#timeline.backwards(selection, this.#timeline.searchFrom(selection))) {
      oldest = event.pos;
      if (--left === 0) {
        break;
      }
    }
    return oldest === undefined ? undefined : oldest - 1;
  }

  /** Forgets the events at these positions, as far as it has them. */
  remove(positions: readonly number[]): void {
    for (const pos of positions) {
      const entry = this.#timeline.at(pos);
      if (entry !== undefined) {
        this.#remove(entry);
      }
    }
  }

  /** Forgets a stream's events up to a position. */
  purge(stream: string, upTo: number): void {
    for (const entry of this.#timeline.upTo(stream, upTo)) {
      this.#remove(entry);
    }
  }

  #read(selection: Selection, format: Format, pos: number, maxBytes: number): FramePage {
    const frames: Buffer[] = [];
    let bytes = 0;
    let upTo = pos;
    const reach = this.#timeline.reach(selection, pos);
    for (const entry of this.#timeline.after(selection, pos, reach)) {
      const frame = this.frame(entry, format);
      bytes += frame.length;
      if (bytes > maxBytes && frames.length > 0) {
        return { frames, upTo, complete: false };
      }
      frames.push(frame);
      upTo = entry.event.pos;
    }
    const complete = reach === Number.POSITIVE_INFINITY;
    return { frames, upTo: complete ? upTo : reach, complete };
  }

  /** Lets the oldest go that are too much. To be called once frames were asked for: they count too, and nothing may be pushed for long. */
  evict(): void {
    while (this.#bytes > this.#maxBytes && this.#timeline.size > 1) {
      this.#evictOldest();
    }
  }

  #evictOldest(): void {
    const oldest = this.#timeline.first();
    if (oldest !== undefined) {
      this.#floor = oldest.event.pos;
      this.#remove(oldest);
    }
  }

  #remove(entry: WindowEntry): void {
    this.#timeline.remove(entry);
    this.#bytes -= sizeOf(entry.event) + (entry.plain?.length ?? 0) + (entry.envelope?.length ?? 0);
    vacate(entry);
    entry.plain = undefined;
    entry.envelope = undefined;
  }
}

/** Begins with the newest part of the log, so that watchers that come back after a restart are served from memory. */
export function openWindow(log: EventLog, maxBytes: number): Window {
  const events = log.tail(maxBytes);
  const window = new Window(maxBytes, (events[0]?.pos ?? log.head + 1) - 1);
  for (const event of events) {
    window.push(event);
  }
  return window;
}
