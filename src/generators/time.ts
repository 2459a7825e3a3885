import { DEFAULT_TYPE } from '../events/names.js';
import type { Generator } from './generator.js';

/** The server's time, as a message. */
export function createTime(intervalMs: number): Generator {
  return {
    stream: 'time',
    type: DEFAULT_TYPE,
    intervalMs,
    next: (now) => ({ timestamp: new Date(now).toISOString(), message: 'Server time update' }),
  };
}
