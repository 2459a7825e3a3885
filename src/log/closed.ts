import { SluiceError } from '../errors.js';

/** What a log answers that has been closed: nothing would keep what is asked of it. */
export function logClosed(): SluiceError {
  return new SluiceError('SLUICE_SHUTTING_DOWN', 503, 'the log is closed, so nothing was changed; try again later');
}
