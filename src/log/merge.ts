import type { Entry } from './sequence.js';

interface Head<E> {
  entry: E;
  readonly rest: Generator<E>;
}

/** Entries of several lists in one order. There are at most 100 sources, so looking at the next entry of each beats keeping a heap. */
export function* merge<E extends Entry>(
  sources: Generator<E>[],
  isBefore: (a: number, b: number) => boolean,
): Generator<E> {
  const heads = sources.flatMap((rest): Head<E>[] => {
    const { done, value: entry } = rest.next();
    return done ? [] : [{ entry, rest }];
  });
  while (heads.length > 0) {
    const first = heads.reduce((best, head) => (isBefore(head.entry.event.pos, best.entry.event.pos) ? head : best));
    yield first.entry;
    const next = first.rest.next();
    if (next.done) {
      heads.splice(heads.indexOf(first), 1);
    } else {
      first.entry = next.value;
    }
  }
}
