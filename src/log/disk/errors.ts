import { ConfigError } from '../../errors.js';

/** Data on disk that is not what was written there; the message names the place. */
export class DamageError extends Error {
  override readonly name = 'DamageError';

  /** @param position of the event that it concerns, if it is one alone */
  constructor(
    message: string,
    readonly position?: number,
  ) {
    super(message);
  }
}

/** A data directory that cannot be used; the message names it and says what to do. */
export class DataDirectoryError extends ConfigError {
  override readonly name = 'DataDirectoryError';
}
