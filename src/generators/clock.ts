import { DEFAULT_TYPE } from '../events/names.js';
import type { Generator } from './generator.js';

/** The time and nothing else. */
export function createClock(intervalMs: number): Generator {
  return { stream: 'clock', type: DEFAULT_TYPE, intervalMs, next: (now) => ({ time: new Date(now).toISOString() }) };
}
