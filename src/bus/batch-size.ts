import { SluiceError } from '../errors.js';

/**
 * The one rule for the number of events in a batch.
 * @param count events, or what would be events
 * @throws SluiceError 400 for none, 413 for more than `max`
 */
export function checkBatchSize(count: number, max: number): void {
  if (count === 0) {
    throw new SluiceError('SLUICE_EMPTY_BATCH', 400, 'the batch has no events');
  }
  if (count > max) {
    const message = `the batch has ${count} events, more than the ${max} allowed`;
    throw new SluiceError('SLUICE_BATCH_TOO_LARGE', 413, message);
  }
}
