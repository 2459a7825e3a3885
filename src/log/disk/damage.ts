/** Data on disk that is not what was written there; the message names the place. */
export class DamageError extends Error {
  override readonly name = 'DamageError';
}

/** A place in the history that cannot be read any more. */
export interface Damage {
  readonly from: number;
  readonly to: number;
  readonly what: string;
  /** Key of the stream's row, where that is what is damaged. */
  readonly row?: Buffer;
}

const NAMED = 5;

/** One line for all damage found. */
export function describeDamage(found: readonly Damage[]): string {
  const places = found
    .slice(0, NAMED)
    .map(({ from, to, what }) => `${what} at position ${from === to ? from : `${from} to ${to}`}`);
  const more = found.length > NAMED ? ` and ${found.length - NAMED} more` : '';
  return `${places.join(', ')}${more}`;
}
