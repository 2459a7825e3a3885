import type { Server } from 'node:net';
import type { Clock } from '../clock.js';
import type { Logger } from '../logger.js';
import { LogThrottle } from './log-throttle.js';

/**
 * Closes connections beyond `max` as soon as they come, and says so. Where the system runs out of open files it does the
 * same without a word, and nothing is left for files that the server needs.
 */
export function limitSockets(server: Server, max: number, log: Pick<Logger, 'warn' | 'error'>, clock: Clock): void {
  const lines = new LogThrottle(log, clock);
  server.maxConnections = max;
  server.on('drop', (dropped) => {
    lines.warn('', { event: 'connection-dropped', ip: dropped?.remoteAddress, max }, 'too many connections are open');
  });
}
