import closeWithGrace from 'close-with-grace';
import type { Logger } from '../logger.js';

/** Signals that stop the process properly. */
const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGUSR2'] as const;
/** Left to the system: after a real one no JavaScript runs, so with a listener the process would hang instead of end (Node's docs). */
const FAULTS = ['SIGILL', 'SIGTRAP', 'SIGABRT', 'SIGBUS', 'SIGFPE', 'SIGSEGV'] as const;
/** One wish comes by two ways: Ctrl-C from the terminal and from npm, a hang-up from the system and from the shell. */
const ECHO_MS = 500;

/** What is stopped: `close` finishes what is under way. */
interface Stoppable {
  readonly log: Pick<Logger, 'info' | 'error' | 'fatal'>;
  readonly server: { close(): unknown };
  close(): PromiseLike<unknown>;
}

/**
 * Ends the process on a signal, with 0, or on an uncaught error, with 1, once what is under way is finished. It ends at
 * once, with 1, when that takes longer than `graceMs`, on a second signal and on a second error.
 */
export function stopOnSignal(app: Stoppable, graceMs: number): void {
  let signal: NodeJS.Signals | undefined;
  let since: number | undefined;
  const options = {
    delay: graceMs,
    logger: false as const,
    skip: [...SIGNALS, ...FAULTS],
    onTimeout: () => fail(app.log, 'timeout'),
    onSecondError: (err: unknown) => fail(app.log, 'error', { err }),
  };
  const { close } = closeWithGrace(options, async ({ err }) => {
    since = performance.now();
    await finish(app, signal, err);
  });
  const stop = (name: NodeJS.Signals) => {
    if (since === undefined) {
      signal = name;
      close();
    } else if (performance.now() - since > ECHO_MS) {
      fail(app.log, 'signal', { signal: name });
      process.exit(1);
    }
  };
  for (const name of SIGNALS) {
    process.on(name, stop);
  }
}

/** At this signal Node would open its debugger to whoever is on this machine. */
export function keepDebuggerShut(): void {
  process.on('SIGUSR1', () => {});
}

async function finish(app: Stoppable, signal: string | undefined, err: unknown): Promise<void> {
  if (err !== undefined) {
    app.log.fatal({ event: 'crash', err }, 'stopping after an unexpected error');
  }
  // What is listening closes now; connections that are open are finished by the hooks of app.close().
  app.server.close();
  app.log.info({ event: 'stop', signal }, 'stopping: no new connections, finishing what is under way');
  try {
    await app.close();
  } catch (error) {
    fail(app.log, 'error', { err: error });
    throw error;
  }
  app.log.info({ event: 'stopped' }, 'stopped');
}

function fail(log: Pick<Logger, 'error'>, reason: 'timeout' | 'signal' | 'error', cause: object = {}): void {
  log.error({ event: 'stop-failed', reason, ...cause }, 'exiting before everything was finished');
}
