import { type Logger, pino } from 'pino';
import pretty from 'pino-pretty';
import { LogOutput } from './log-output.js';

const HEADERS = ['authorization', 'cookie', '["set-cookie"]'];
/** Nothing of Sluice writes these; should something ever, it is not readable. */
const SECRETS = ['headers', 'req.headers', 'res.headers', 'err.headers'].flatMap((path) =>
  HEADERS.map((name) => `${path}${name.startsWith('[') ? '' : '.'}${name}`),
);

/** JSON lines, or lines for people where standard output is a terminal. */
export function createLogger(level: string): Logger {
  const options = { level, redact: SECRETS };
  if (process.stdout.isTTY) {
    return pino(options, pretty({ sync: true, translateTime: 'HH:MM:ss.l', ignore: 'pid,hostname,event' }));
  }
  const output = new LogOutput((lost) => logger.warn({ event: 'lines-lost', lost }, 'log lines could not be written'));
  const logger = pino(options, output);
  return logger;
}
