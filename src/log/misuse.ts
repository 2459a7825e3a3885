import { SluiceError } from '../errors.js';

/** What a log answers that has been closed: nothing would keep what is asked of it. */
export function logClosed(): SluiceError {
  return new SluiceError('SLUICE_SHUTTING_DOWN', 503, 'the log is closed, so nothing was changed; try again later');
}

/** @throws Error when a log has a listener already: a second one would take everything from the watchers */
export function checkUnheard(listener: object | undefined): void {
  if (listener !== undefined) {
    throw new Error('the log has its one listener, which serves the watchers: watch over HTTP instead');
  }
}
