import { type Static, Type } from '@sinclair/typebox';
import { accessProperties } from '../access/settings.js';
import { heapBytes } from '../limits/heap.js';

const MiB = 1024 * 1024;
/** A full window takes about half as much again; so it leaves most of a small heap, as a small container has, to the rest. */
const WINDOW_BYTES = Math.min(64 * MiB, Math.floor(heapBytes / 8));
const DAY_MS = 24 * 60 * 60 * 1000;
/** Node's timers cannot wait longer. */
const MAX_TIMER_MS = 2 ** 31 - 1;

const count = (value: number, description: string, minimum = 1) =>
  Type.Integer({ default: value, minimum, maximum: Number.MAX_SAFE_INTEGER, description });
const milliseconds = (value: number, description: string, minimum = 10) =>
  Type.Integer({ default: value, minimum, maximum: MAX_TIMER_MS, description });

/**
 * Every setting of the hub, with its default. Standalone each is read from the environment under the same name in
 * capitals (`maxEventBytes`: `MAX_EVENT_BYTES`); embedded they are the plugin's options.
 */
export const hubSchema = Type.Object(
  {
    demo: Type.Boolean({ default: false, description: 'Run the demo generators' }),
    log: Type.Union([Type.Literal('disk'), Type.Literal('memory')], {
      default: 'memory',
      description: 'Where the history is: disk survives a restart, memory does not',
    }),
    dataDir: Type.String({ default: './data', minLength: 1, description: 'Directory of the history' }),
    damaged: Type.Union([Type.Literal('refuse'), Type.Literal('skip')], {
      default: 'refuse',
      description: 'Damaged history: refuse to start, or skip it and tell watchers of the loss',
    }),
    historyEvents: count(1_000_000, 'Events kept in all'),
    historyBytes: count(1024 * MiB, 'Bytes of events kept in all'),
    historyAgeMs: Type.Integer({
      default: 7 * DAY_MS,
      minimum: 1000,
      description: 'Age up to which events are kept, ms',
    }),
    historyEventsPerStream: count(100_000, 'Events kept of one stream'),
    idempotencyWindowMs: milliseconds(600_000, 'Time for which an Idempotency-Key is remembered, ms', 1000),
    windowBytes: count(WINDOW_BYTES, 'Memory for the newest events and their frames, bytes', 65_536),
    heartbeatIntervalMs: milliseconds(15_000, 'Time between heartbeats of a connection, ms', 1000),
    retryMs: milliseconds(2000, 'Reconnection time told to clients, before jitter, ms', 100),
    maxEventBytes: count(262_144, 'Largest data of one event, bytes'),
    maxBatchEvents: count(1000, 'Most events in one batch'),
    maxBatchBytes: count(4 * MiB, 'Largest batch, bytes'),
    publishRate: count(0, 'Publishing requests a second of one client; 0 for any number', 0),
    maxStreams: count(100_000, 'Streams with published events that are remembered'),
    maxStreamsPerPrincipal: count(0, 'Streams begun with one key or by one subject of tokens; 0 for any number', 0),
    maxConnections: count(10_000, 'Event streams open at once'),
    maxConnectionsPerIp: count(1000, 'Event streams open at once from one address; 0 for any number', 0),
    maxOpensPerIp: count(3000, 'Event streams opened in a minute from one address; 0 for any number', 0),
    maxConnectionsPerPrincipal: count(1000, 'Event streams open at once with one key or token; 0 for any number', 0),
    maxBufferedBytes: count(MiB, 'Unsent bytes over which a watcher is slow and is cut off', 65_536),
    maxConnectionAgeMs: milliseconds(0, 'Age at which a stream is ended properly, ms; 0 for never', 0),
    maxEventLoopLagMs: milliseconds(1000, 'Delay of the event loop over which publishes are refused, ms; 0 for any', 0),
    defaultStreams: Type.String({
      default: 'stock,metrics,notifications',
      description: 'Streams of GET /events without streams=',
    }),
    corsOrigin: Type.String({
      default: 'loopback',
      description:
        'Origins that browsers may call from, comma-separated; * for all, loopback for those of this machine',
    }),
    corsCredentials: Type.Boolean({
      default: false,
      description: 'Pages of those origins may use the credentials of the browser: the session cookie',
    }),
    ...accessProperties,
    shutdownGraceMs: milliseconds(10_000, 'Time to finish at shutdown, ms', 100),
    timeIntervalMs: milliseconds(5000, 'Interval of the stream time, ms'),
    userActionIntervalMs: milliseconds(10_000, 'Interval of the stream user-action, ms'),
    stockIntervalMs: milliseconds(2000, 'Interval of the stream stock, ms'),
    metricsIntervalMs: milliseconds(3000, 'Interval of the stream metrics, ms'),
    notificationsIntervalMs: milliseconds(5000, 'Interval of the stream notifications, ms'),
    progressIntervalMs: milliseconds(100, 'Interval of the stream progress, ms'),
    clockIntervalMs: milliseconds(1000, 'Interval of the stream clock, ms'),
    numbersIntervalMs: milliseconds(10_000, 'Interval of streams of numbers, ms'),
  },
  { additionalProperties: false },
);

export type HubConfig = Static<typeof hubSchema>;

/** What only the standalone server needs beside the hub's settings. */
export const serverSchema = Type.Object(
  {
    ...hubSchema.properties,
    host: Type.String({
      default: '127.0.0.1',
      minLength: 1,
      description: 'Address to listen on; of a name it is one address, that of IPv4 if there is one',
    }),
    port: Type.Integer({
      default: 3000,
      minimum: 0,
      maximum: 65_535,
      description: 'Port to listen on; 0 for any free one',
    }),
    tlsCert: Type.String({ default: '', description: 'File of the certificate and those above it (PEM)' }),
    tlsKey: Type.String({ default: '', description: 'File of the private key (PEM)' }),
    trustProxy: Type.String({
      default: '',
      description: 'Addresses and networks of the proxies whose X-Forwarded-* headers hold, comma-separated',
    }),
    requestTimeoutMs: milliseconds(30_000, 'Time for a request to arrive, ms; its headers have half of it', 100),
    logLevel: Type.Union(
      ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'].map((level) => Type.Literal(level)),
      { default: 'info', description: 'fatal, error, warn, info, debug, trace or silent' },
    ),
  },
  { additionalProperties: false },
);

export type ServerConfig = Static<typeof serverSchema>;
