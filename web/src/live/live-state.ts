import type { Received } from '../connection/link.js';
import {
  type Job,
  type Metrics,
  type Notification,
  type Price,
  toJob,
  toMetrics,
  toNotification,
  toPrice,
} from './shapes.js';

export const MAX_SAMPLES = 60;
const MAX_PRICES = 600;
const MAX_NOTIFICATIONS = 50;
const MAX_JOBS = 50;

/** All the live view shows; each list is bounded. */
export interface LiveState {
  /** Events received. */
  readonly total: number;
  readonly prices: readonly Price[];
  readonly metrics: readonly Metrics[];
  /** Newest first. */
  readonly notifications: readonly (Notification & { readonly key: number })[];
  /** By stream, in the order of their first report. */
  readonly jobs: ReadonlyMap<string, Job>;
}

export const EMPTY: LiveState = { total: 0, prices: [], metrics: [], notifications: [], jobs: new Map() };

export function addBatch(state: LiveState, batch: readonly Received[]): LiveState {
  return batch.reduce(add, { ...state, total: state.total + batch.length });
}

function add(state: LiveState, event: Received): LiveState {
  const { stream = '', data, at } = event;
  switch (stream) {
    case 'stock':
      return { ...state, prices: addPrice(state.prices, toPrice(data, at)) };
    case 'metrics':
      return { ...state, metrics: append(state.metrics, toMetrics(data, at), MAX_SAMPLES) };
    case 'notifications':
      return { ...state, notifications: addNotification(state.notifications, event) };
    default:
      return { ...state, jobs: addJob(state.jobs, stream, toJob(data)) };
  }
}

/** The chart needs rising times; a repeated one is the initial state after a reconnection. */
function addPrice(prices: LiveState['prices'], price: Price | undefined): LiveState['prices'] {
  const last = prices.at(-1);
  return price !== undefined && last !== undefined && price.time <= last.time
    ? prices
    : append(prices, price, MAX_PRICES);
}

function addNotification(list: LiveState['notifications'], { data, at, key }: Received): LiveState['notifications'] {
  const notification = toNotification(data, at);
  return notification === undefined ? list : [{ ...notification, key }, ...list].slice(0, MAX_NOTIFICATIONS);
}

/** A job keeps its place, so that bars do not jump; the oldest goes when there are too many. */
function addJob(jobs: LiveState['jobs'], stream: string, job: Job | undefined): LiveState['jobs'] {
  if (job === undefined) {
    return jobs;
  }
  const next = new Map(jobs).set(stream, job);
  const [oldest] = [...next.keys()].filter((name) => name !== 'progress');
  if (next.size > MAX_JOBS && oldest !== undefined) {
    next.delete(oldest);
  }
  return next;
}

function append<T>(list: readonly T[], item: T | undefined, max: number): readonly T[] {
  return item === undefined ? list : [...list, item].slice(-max);
}
