/** What the streams of the live view carry. Anybody may publish to them, so everything is checked. */
export interface Price {
  /** Epoch milliseconds. */
  readonly time: number;
  readonly price: number;
  readonly trend: number;
}

export interface Metrics {
  readonly cpu: number;
  readonly memory: number;
  /** Answered since the start. */
  readonly requests: number;
  readonly clients: number;
  readonly load: number;
  readonly rssBytes: number;
  readonly uptime: number;
  readonly time: number;
}

export interface Notification {
  readonly message: string;
  readonly title: string | undefined;
  readonly level: string;
  readonly time: number;
}

export interface Job {
  readonly moved: number;
  readonly total: number;
  readonly percent: string;
  readonly status: 'running' | 'done' | 'failed';
  readonly message: string | undefined;
}

const MAX_DATE_MS = 8.64e15;
/** Beyond, the steps of an axis are too small to get on with a double, and uPlot makes ticks without end. */
const MAX_VALUE = 1e12;

type Fields = Readonly<Record<string, unknown>>;

export function toPrice(data: unknown, at: number): Price | undefined {
  const { price, trend, timestamp } = fields(data);
  const value = Number(price);
  // A price from the future would be the last one that the chart takes until that time has come.
  const time = Math.min(date(timestamp, at), at);
  return Math.abs(value) <= MAX_VALUE && time > 0 ? { price: value, trend: number(trend), time } : undefined;
}

export function toMetrics(data: unknown, at: number): Metrics | undefined {
  const { cpu, memory, requests, clients, load, rssBytes, uptime, timestamp } = fields(data);
  if (typeof cpu !== 'number' || typeof memory !== 'number') {
    return undefined;
  }
  const use = { cpu: clamped(cpu), memory: clamped(memory), load: clamped(load), rssBytes: clamped(rssBytes) };
  const counts = { requests: clamped(requests), clients: clamped(clients), uptime: clamped(uptime) };
  return { ...use, ...counts, time: date(timestamp, at) };
}

export function toNotification(data: unknown, at: number): Notification | undefined {
  const { message, title, level, timestamp } = fields(data);
  return typeof message === 'string'
    ? { message, title: text(title), level: text(level) ?? 'info', time: date(timestamp, at) }
    : undefined;
}

export function toJob(data: unknown): Job | undefined {
  const { moved, total, percent, status, message } = fields(data);
  if (typeof moved !== 'number' || typeof total !== 'number' || !(total > 0)) {
    return undefined;
  }
  const known = status === 'failed' || status === 'done' ? status : 'running';
  return { moved, total, percent: text(percent) ?? '', status: known, message: text(message) };
}

function fields(data: unknown): Fields {
  return typeof data === 'object' && data !== null ? (data as Fields) : {};
}

function number(value: unknown, otherwise = 0): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : otherwise;
}

function clamped(value: unknown): number {
  return Math.min(Math.max(number(value), -MAX_VALUE), MAX_VALUE);
}

/** No later than a date can be (ECMA-262 §21.4.1.1): drawing or writing out another one fails. */
function date(value: unknown, otherwise: number): number {
  const time = number(value, otherwise);
  return Math.abs(time) <= MAX_DATE_MS ? time : otherwise;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
