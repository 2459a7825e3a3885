import type { EventBus } from '../bus/event-bus.js';
import type { Clock, Timer } from '../clock.js';
import { isStateStream } from '../events/names.js';
import { matches } from '../events/selection.js';
import type { Cohort } from '../streams/cohorts/cohort.js';
import type { StreamRegistry } from '../streams/registry.js';
import type { Generator } from './generator.js';
import { createNumbers } from './numbers.js';

interface Running {
  readonly generator: Generator;
  readonly timer: Timer;
  readonly watchers: Set<Cohort>;
}

interface GeneratorSetOptions {
  readonly generators: readonly Generator[];
  /** Milliseconds between the numbers of a stream nobody publishes to; undefined for no numbers. */
  readonly numbersIntervalMs: number | undefined;
}

/** The built-in sources of events: each runs from the first watcher of its stream to the last. */
export class GeneratorSet {
  readonly #bus: EventBus;
  readonly #clock: Clock;
  readonly #options: GeneratorSetOptions;
  readonly #onError: (error: unknown) => void;
  #isClosed = false;
  readonly #running = new Map<string, Running>();
  /** When each state was last told, by the clock's `elapsed`. */
  readonly #told = new Map<string, number>();
  /** What each cohort keeps running, so that its end need not look through all the others'. */
  readonly #wanted = new Map<Cohort, readonly Running[]>();

  /** @param onError told of an event that could not be published; the generator goes on */
  constructor(
    bus: EventBus,
    streams: StreamRegistry,
    clock: Clock,
    options: GeneratorSetOptions,
    onError: (error: unknown) => void,
  ) {
    this.#onError = onError;
    this.#bus = bus;
    this.#clock = clock;
    this.#options = options;
    streams.on('watched', (cohort) => this.#watched(cohort));
    streams.on('unwatched', (cohort) => this.#unwatched(cohort));
  }

  /** Streams whose generator runs now. */
  get running(): readonly string[] {
    return [...this.#running.keys()];
  }

  /** Stops all of them for good. */
  close(): void {
    this.#isClosed = true;
    for (const stream of this.#running.keys()) {
      this.#stop(stream);
    }
  }

  #watched(cohort: Cohort): void {
    if (this.#isClosed) {
      return;
    }
    const wanted = this.#wantedBy(cohort).map(
      (generator) => this.#running.get(generator.stream) ?? this.#start(generator),
    );
    for (const { watchers } of wanted) {
      watchers.add(cohort);
    }
    this.#wanted.set(cohort, wanted);
  }

  #unwatched(cohort: Cohort): void {
    for (const { generator, watchers } of this.#wanted.get(cohort) ?? []) {
      watchers.delete(cohort);
      if (watchers.size === 0) {
        this.#stop(generator.stream);
      }
    }
    this.#wanted.delete(cohort);
  }

  #wantedBy({ selection, format }: Cohort): Generator[] {
    const wanted = this.#options.generators.filter(({ stream }) => matches(selection, stream));
    const [name, ...others] = selection.items;
    const isOneStream = name !== undefined && others.length === 0 && format === 'plain';
    return isOneStream && wanted.length === 0 ? this.#numbersFor(name) : wanted;
  }

  /** Numbers stand in for a stream asked for by its own address, until something is published to it. */
  #numbersFor(name: string): Generator[] {
    const { numbersIntervalMs } = this.#options;
    const isFree = !/[.*]/.test(name) && !this.#bus.log.streams.isPublished(name);
    return numbersIntervalMs !== undefined && isFree ? [createNumbers(name, numbersIntervalMs)] : [];
  }

  #start(generator: Generator): Running {
    const timer = this.#clock.setInterval(() => this.#emit(generator), generator.intervalMs);
    const running = { generator, timer, watchers: new Set<Cohort>() };
    this.#running.set(generator.stream, running);
    // A state is worth knowing before the first interval is over.
    if (isStateStream(generator.stream) && !this.#isFresh(generator)) {
      this.#emit(generator);
    }
    return running;
  }

  /** Watchers that come and go would make states, and have them stored, as fast as they like; each gets the last one anyway. */
  #isFresh({ stream, intervalMs }: Generator): boolean {
    const told = this.#told.get(stream) ?? Number.NEGATIVE_INFINITY;
    return this.#clock.elapsed() - told < intervalMs && this.#bus.log.streams.holds(stream);
  }

  #stop(stream: string): void {
    const running = this.#running.get(stream);
    if (running !== undefined) {
      this.#clock.clearInterval(running.timer);
      this.#running.delete(stream);
    }
  }

  #emit(generator: Generator): void {
    const { stream, type, untilPublished } = generator;
    if (untilPublished && this.#bus.log.streams.isPublished(stream)) {
      this.#stop(stream);
      return;
    }
    if (isStateStream(stream)) {
      this.#told.set(stream, this.#clock.elapsed());
    }
    // All of it in a promise: figures may fail for want of open files, and thrown from a timer that would end the process.
    const generate = async () => this.#bus.generate({ stream, type, data: generator.next(this.#clock.now()) });
    generate().catch((error) => {
      this.#told.delete(stream);
      this.#onError(error);
    });
  }
}
