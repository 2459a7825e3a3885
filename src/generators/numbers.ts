import { DEFAULT_TYPE } from '../events/names.js';
import type { Generator } from './generator.js';

const MAX_NUMBER = 1000;

/** Random numbers from 1 to 1000 for any stream nobody publishes to. */
export function createNumbers(stream: string, intervalMs: number): Generator {
  return {
    stream,
    type: DEFAULT_TYPE,
    intervalMs,
    untilPublished: true,
    next: (now) => ({
      number: 1 + Math.floor(Math.random() * MAX_NUMBER),
      timestamp: new Date(now).toISOString(),
      id: stream,
    }),
  };
}
