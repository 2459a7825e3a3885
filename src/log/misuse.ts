import { SluiceError } from '../errors.js';

/** The error of a closed log. */
export function logClosed(): SluiceError {
  return new SluiceError('SLUICE_SHUTTING_DOWN', 503, 'the log is closed, so nothing was changed; try again later');
}

/** @throws Error when a log has a listener already: a second one would take everything from the watchers */
export function checkNoListener(listener: object | undefined): void {
  if (listener !== undefined) {
    throw new Error('the log has its one listener, which serves the watchers: watch over HTTP instead');
  }
}
