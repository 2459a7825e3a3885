import type { Loss } from './losses.js';
import type { Table } from './store/table.js';

/** Something that is not as it was written. */
export interface Damage {
  readonly what: string;
  /** The part of the history that can have been lost by it; nothing, when all can be made good. */
  readonly lost?: Loss;
  /** What cannot be read, and is no use to anyone. */
  readonly unreadable?: { readonly table: Table; readonly key: Buffer };
}

/** The parts of the history that can have been lost. */
export function lossesBy(damage: readonly Damage[]): Loss[] {
  return damage.flatMap(({ lost }) => lost ?? []);
}

const NAMED = 5;

/** One line for all damage found. */
export function describeDamage(found: readonly Damage[]): string {
  const places = found.slice(0, NAMED).map(({ what, lost }) => `${what}${lost === undefined ? '' : placeOf(lost)}`);
  const more = found.length > NAMED ? ` and ${found.length - NAMED} more` : '';
  return `${places.join(', ')}${more}`;
}

function placeOf({ from, to }: Loss): string {
  return ` at position ${from === to ? from : `${from} to ${to}`}`;
}
