import { matches, type Selection, select } from '../events/selection.js';
import { forbidden } from './errors.js';

/** What somebody may do. Either may be empty. */
export interface Rights {
  readonly publish: Selection;
  readonly subscribe: Selection;
}

export const ALL: Selection = select(['*']);
export const NONE: Selection = select([]);

export function isEverything({ prefixes }: Selection): boolean {
  return prefixes.includes('');
}

/**
 * What of a selection is allowed. A pattern is narrowed to its allowed part; a name is allowed or not.
 * @throws SluiceError 403 for a name that is not allowed, or when nothing remains
 */
export function narrow(wanted: Selection, allowed: Selection): Selection {
  if (isEverything(allowed)) {
    return wanted;
  }
  const refused = wanted.names.find((name) => !matches(allowed, name));
  if (refused !== undefined) {
    throw forbidden('subscribe', refused);
  }
  const narrowed = select([...wanted.names, ...wanted.prefixes.flatMap((prefix) => within(allowed, prefix))]);
  if (narrowed.key === '') {
    throw forbidden('subscribe', wanted.items.join(','));
  }
  return narrowed;
}

/** The allowed names and patterns that lie inside the pattern of a prefix. */
function within(allowed: Selection, prefix: string): readonly string[] {
  return covers(allowed, prefix) ? [`${prefix}*`] : allowed.items.filter((item) => item.startsWith(prefix));
}

/** Whether every name that begins with the prefix is in the selection. */
export function covers({ prefixes }: Selection, prefix: string): boolean {
  return prefixes.some((other) => prefix.startsWith(other));
}
