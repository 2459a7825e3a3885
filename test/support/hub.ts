import type { EventSourceMessage } from 'eventsource-parser';
import { EventBus } from '../../src/bus/event-bus.js';
import type { Format } from '../../src/events/frame.js';
import { parseSelection } from '../../src/events/selection.js';
import type { EventLog } from '../../src/log/event-log.js';
import { MemoryLog } from '../../src/log/memory/memory-log.js';
import type { Retention } from '../../src/log/retention.js';
import type { Client } from '../../src/streams/caps.js';
import type { ConnectionSummary } from '../../src/streams/connection.js';
import type { Lease } from '../../src/streams/ends/lease.js';
import { type RegistryOptions, StreamRegistry } from '../../src/streams/registry.js';
import type { Verdict } from '../../src/streams/resume/resume.js';
import { createTestClock, type TestClock } from './clock.js';
import { createReader, type Reader } from './frames.js';
import { TestSink } from './test-sink.js';

/** Retention without limits but those given. */
export function retain(limits: Partial<Retention> = {}): Retention {
  const all = Number.POSITIVE_INFINITY;
  return { events: all, bytes: all, ageMs: all, eventsPerStream: all, streams: all, receiptsMs: all, ...limits };
}

/** The domain without HTTP: a log, its watchers and its bus, in time that the test moves. */
export interface TestHub {
  readonly clock: TestClock;
  readonly log: EventLog;
  readonly streams: StreamRegistry;
  readonly bus: EventBus;
  watch(selection: string, options?: WatchOptions): Watcher;
}

export interface WatchOptions {
  readonly format?: Format;
  readonly cursor?: string | undefined;
  readonly last?: number;
  readonly client?: Client;
  readonly lease?: Lease;
  /** True for a reader that takes nothing until the test drains its sink. */
  readonly stalled?: boolean;
}

export interface Watcher extends Reader {
  readonly sink: TestSink;
  readonly verdict: Verdict;
  /** Set when it has closed. */
  readonly summary: ConnectionSummary | undefined;
  /** Messages that are events: neither control frames nor initial state. */
  readonly events: EventSourceMessage[];
}

export interface HubLimits {
  readonly retention?: Partial<Retention>;
  readonly registry?: Partial<RegistryOptions>;
  readonly isOverloaded?: () => boolean;
  readonly log?: (retention: Retention, clock: TestClock) => EventLog;
}

/** A registry that limits next to nothing. */
export const REGISTRY: RegistryOptions = {
  windowBytes: 1024 * 1024,
  maxConnections: 1000,
  maxConnectionsPerIp: 0,
  maxOpensPerIp: 0,
  maxConnectionsPerPrincipal: 0,
  heartbeatIntervalMs: 15_000,
  retryMs: 2000,
  maxBufferedBytes: 1024 * 1024,
  maxConnectionAgeMs: 0,
};

export function createHub({ retention, registry, isOverloaded, log: open }: HubLimits = {}): TestHub {
  const clock = createTestClock();
  const limits = retain(retention);
  const log = open?.(limits, clock) ?? new MemoryLog(limits, clock);
  const streams = new StreamRegistry(log, { ...REGISTRY, ...registry }, clock, isOverloaded);
  const bus = new EventBus(log, { maxEventBytes: 262_144, maxBatchEvents: 1000, maxStreamsPerPrincipal: 0 });
  return { clock, log, streams, bus, watch: (selection, options) => watch(streams, selection, options) };
}

function watch(streams: StreamRegistry, text: string, options: WatchOptions = {}): Watcher {
  const { format = 'plain', stalled = false, ...others } = options;
  const reader = createReader();
  const sink = new TestSink((chunk) => reader.feed(chunk));
  sink.isFlowing = !stalled;
  let summary: ConnectionSummary | undefined;
  const onClose = (closed: ConnectionSummary) => {
    summary = closed;
  };
  const verdict = streams.subscribe({ selection: parseSelection(text), format, sink, ...others, onClose });
  return {
    sink,
    verdict,
    feed: reader.feed,
    messages: reader.messages,
    retries: reader.retries,
    get cursor() {
      return reader.cursor;
    },
    get summary() {
      return summary;
    },
    get events() {
      return reader.messages.filter(isEvent);
    },
  };
}

function isEvent({ id, event, data }: EventSourceMessage): boolean {
  const isControl = event === 'connected' || event === 'heartbeat' || /^\{"type":"(connected|heartbeat)"/.test(data);
  return id !== undefined && !isControl;
}
