/**
 * A server under load. In the paths `{}` stands for the name of a stream, and `#` in the one of publishing for a number
 * below 100, for streams that are watched by pattern.
 */
export interface Target {
  readonly port: number;
  /** Processes whose CPU and memory are counted. */
  readonly pids: readonly number[];
  readonly watch: string;
  readonly publish: string;
}

export interface Audience {
  readonly watchers: number;
  /** Each watcher watches one of so many streams, in turn. Default: 1. */
  readonly streams?: number;
  /** Events go to so many of them, in turn; the others are silent. Default: all. */
  readonly busy?: number;
  /** Bytes of an event's data. Default: 100. */
  readonly size?: number;
}

/** What connecting cost the server. */
export interface Connected {
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** Memory of the server before. */
  readonly pssBeforeKb: number;
}

/** As much as the server takes: the next event is published while fewer than `window` × watchers deliveries are outstanding. */
export interface ClosedLoad {
  readonly seconds: number;
  readonly window: number;
  /** Publishes that may wait for their answers. */
  readonly inFlight: number;
  /** Connections they are spread over; each waits for its answer when there are as many as `inFlight`. Default: 1. */
  readonly lanes?: number;
}

/** So many events a second, whatever the server does; latency counts from when each was due. */
export interface RateLoad {
  readonly seconds: number;
  readonly rate: number;
  /** Ends early once more than 1 % of the deliveries took longer. Default: never. */
  readonly limitMs?: number;
}

export interface LoadResult {
  /** Up to the last delivery. */
  readonly seconds: number;
  readonly published: number;
  readonly expected: number;
  readonly delivered: number;
  /** Deliveries that were doubled, out of order, or followed a lost one. */
  readonly faults: number;
  /** Streams that the server ended. */
  readonly closed: number;
  /** Publishes answered with anything but 2xx. */
  readonly refused: number;
  readonly cpuSeconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  readonly publishP99Ms: number;
  /** Share of a core the client used: near 1, it was the bottleneck. */
  readonly clientBusy: number;
}

/** What came while nothing was published. */
export interface Held {
  readonly cpuSeconds: number;
  /** Reads in each tenth of a second: as many as there were heartbeats. */
  readonly beats: readonly number[];
  /** Streams that the server ended. */
  readonly closed: number;
}

/** How the watchers that were away came back. */
export interface Returned {
  /** Until each had what it missed. */
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly connections: number;
  /** How many were told `exact`. */
  readonly exact: number;
  readonly expected: number;
  readonly delivered: number;
  readonly faults: number;
  /** Streams that ended before that, for whichever reason. */
  readonly closed: number;
}

/** What the client process does on demand, one after the other. */
export interface Commands {
  /** Opens the audience. Rejects when that takes longer than a minute. */
  connect(options: { target: Target; audience: Audience }): Promise<Connected>;
  closed(load: ClosedLoad): Promise<LoadResult>;
  rate(load: RateLoad): Promise<LoadResult>;
  /** Publishes so many events one after the other, and gives the `id` in the last answer. */
  publish(options: { events: number }): Promise<string>;
  /** Counts what comes by itself. */
  hold(options: { seconds: number }): Promise<Held>;
  /** The last so many watchers stop reading. */
  stall(options: { watchers: number }): Promise<void>;
  /** Cuts so many of the watchers off, the last first. */
  cut(options: { watchers: number }): Promise<void>;
  /** Those that are not connected come back at once with a cursor; resolves when each has had `missed` events. */
  comeBack(options: { cursor: string; missed: number }): Promise<Returned>;
  /** Memory of the server now, in kB. */
  memory(): Promise<number>;
}
