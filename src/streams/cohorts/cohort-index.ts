import type { Format } from '../../events/frame.js';
import { prefixesOf } from '../../events/names.js';
import type { Selection } from '../../events/selection.js';
import { NameList } from '../../log/name-list.js';
import { Cohort } from './cohort.js';

/** Finds the cohorts that want a stream. The cost grows with those cohorts and the dots of the name, not with how many others there are. */
export class CohortIndex {
  readonly #byKey = new Map<string, Cohort>();
  readonly #byName = new Map<string, Set<Cohort>>();
  /** The keys of `#byName`. */
  readonly #names = new NameList<string>((name) => name);
  readonly #byPrefix = new Map<string, Set<Cohort>>();

  /** The cohort of a selection and format, made when there is none. */
  obtain(selection: Selection, format: Format): Cohort {
    const key = `${format} ${selection.key}`;
    const known = this.#byKey.get(key);
    if (known !== undefined) {
      return known;
    }
    const cohort = new Cohort(key, selection, format);
    this.#byKey.set(key, cohort);
    for (const name of selection.names) {
      if (!this.#byName.has(name)) {
        this.#names.add(name);
      }
    }
    each(this.#byName, selection.names, (set) => set.add(cohort));
    each(this.#byPrefix, selection.prefixes, (set) => set.add(cohort));
    return cohort;
  }

  delete(cohort: Cohort): void {
    this.#byKey.delete(cohort.key);
    each(this.#byName, cohort.selection.names, (set) => set.delete(cohort));
    each(this.#byPrefix, cohort.selection.prefixes, (set) => set.delete(cohort));
    for (const name of cohort.selection.names) {
      if (!this.#byName.has(name)) {
        this.#names.delete(name);
      }
    }
  }

  /** Calls `found` for each cohort that wants a stream, once. */
  wanting(stream: string, found: (cohort: Cohort) => void): void {
    this.#byName.get(stream)?.forEach(found);
    if (this.#byPrefix.size > 0) {
      for (const prefix of prefixesOf(stream)) {
        this.#byPrefix.get(prefix)?.forEach(found);
      }
    }
  }

  /** Names that some cohort asks for by name, in order: those that start with `prefix`, after `after`, at most `limit`. */
  names(prefix: string, after: string, limit: number): string[] {
    return [...this.#names.page(prefix, after, limit)];
  }
}

function each(map: Map<string, Set<Cohort>>, keys: readonly string[], change: (set: Set<Cohort>) => void): void {
  for (const key of keys) {
    const set = map.get(key) ?? new Set();
    change(set);
    set.size === 0 ? map.delete(key) : map.set(key, set);
  }
}
