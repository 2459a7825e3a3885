import { type Logger, pino } from 'pino';
import pretty from 'pino-pretty';

const HEADERS = ['authorization', 'cookie', '["set-cookie"]'];
/** Nothing of Sluice writes these; should something ever, it is not readable. */
const SECRETS = ['headers', 'req.headers', 'res.headers', 'err.headers'].flatMap((path) =>
  HEADERS.map((name) => `${path}${name.startsWith('[') ? '' : '.'}${name}`),
);

/** JSON lines, or lines for people where standard output is a terminal. */
export function createLogger(level: string): Logger {
  const options = { level, redact: SECRETS };
  if (!process.stdout.isTTY) {
    // Asynchronous writes still under way at the exit are overtaken by the last lines, which are flushed synchronously.
    return pino(options, pino.destination({ sync: true }));
  }
  return pino(options, pretty({ sync: true, translateTime: 'HH:MM:ss.l', ignore: 'pid,hostname,event' }));
}
