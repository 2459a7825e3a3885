/** Events of each pane that can be compared. */
export const MAX_COMPARED = 1000;

/** An event, as far as it is compared. */
export interface Mark {
  readonly id: string;
  readonly hash: number;
}

/** What of an event is compared. */
interface Comparable {
  readonly id: string;
  readonly type: string;
  readonly data: unknown;
}

/** What panes of one stream have in common: from the first to the last event that all of them have. */
export interface Comparison {
  readonly verdict: 'alone' | 'waiting' | 'equal' | 'different';
  /** One for each pane: how many events, and a checksum over their types and data in order. */
  readonly tallies: readonly Tally[];
}

export interface Tally {
  readonly count: number;
  readonly checksum: string;
}

export function toMark({ id, type, data }: Comparable): Mark {
  return { id, hash: hash(0, `${type}\n${JSON.stringify(data)}`) };
}

/** Compares what panes of the same stream have seen. A pane that came later is compared from where it came in. */
export function compare(panes: readonly (readonly Mark[])[]): Comparison {
  const [one, ...others] = panes;
  if (one === undefined || others.length === 0) {
    return { verdict: 'alone', tallies: panes.map(tally) };
  }
  const common = findCommon(one, others);
  const first = common.at(0);
  const last = common.at(-1);
  if (first === undefined || last === undefined) {
    return { verdict: 'waiting', tallies: panes.map(tally) };
  }
  const tallies = panes.map((marks) => tally(between(marks, first, last)));
  const checksums = new Set(tallies.map(({ count, checksum }) => `${count} ${checksum}`));
  return { verdict: checksums.size === 1 ? 'equal' : 'different', tallies };
}

/** Ids that all have, in order. */
function findCommon(one: readonly Mark[], others: readonly (readonly Mark[])[]): string[] {
  const seen = others.map((marks) => new Set(marks.map(({ id }) => id)));
  return one.map(({ id }) => id).filter((id) => seen.every((ids) => ids.has(id)));
}

function between(marks: readonly Mark[], first: string, last: string): readonly Mark[] {
  const ids = marks.map(({ id }) => id);
  return marks.slice(ids.indexOf(first), ids.lastIndexOf(last) + 1);
}

function tally(marks: readonly Mark[]): Tally {
  const sum = marks.reduce((value, mark) => hash(value, mark.hash.toString(16)), 0);
  return { count: marks.length, checksum: sum.toString(16).padStart(8, '0') };
}

/** FNV-1a, 32 bits: shows accidental differences, which is all it is for. */
function hash(seed: number, text: string): number {
  let value = 0x811c9dc5 ^ seed;
  for (let index = 0; index < text.length; index++) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  return value >>> 0;
}
