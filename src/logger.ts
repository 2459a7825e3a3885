import { type Logger, pino } from 'pino';
import pretty from 'pino-pretty';

/** JSON lines, or lines for people where standard output is a terminal. */
export function createLogger(level: string): Logger {
  const options = { level, redact: ['req.headers.authorization', 'req.headers.cookie'] };
  if (!process.stdout.isTTY) {
    // Asynchronous writes still under way at the exit are overtaken by the last lines, which are flushed synchronously.
    return pino(options, pino.destination({ sync: true }));
  }
  return pino(options, pretty({ sync: true, translateTime: 'HH:MM:ss.l', ignore: 'pid,hostname,event' }));
}
