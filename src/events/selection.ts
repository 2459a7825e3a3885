import { SluiceError } from '../errors.js';
import { SELECTION_PATTERN } from './names.js';

/** Most streams and patterns one connection may name. */
export const MAX_SELECTED = 100;
/** Longest part of a client's text that an error repeats, in characters. */
const MAX_SHOWN = 64;

/**
 * The streams a watcher gets, in canonical form: sorted, and with nothing that something else in it already covers,
 * so a stream is matched by one member at most and equal selections have equal keys.
 */
export interface Selection {
  /** Identifies the selection: equal for equal selections. */
  readonly key: string;
  /** Names and patterns as a client writes them. */
  readonly items: readonly string[];
  readonly names: readonly string[];
  /** Patterns without their `*`: the empty prefix takes in all streams. */
  readonly prefixes: readonly string[];
  readonly nameSet: ReadonlySet<string>;
}

const item = new RegExp(SELECTION_PATTERN);

/**
 * Reads `a,b,orders.*`.
 * @throws SluiceError 400 when it is empty, has a member that is neither name nor pattern, or more than 100 members
 */
export function parseSelection(text: string): Selection {
  const items = text.split(',', MAX_SELECTED + 1);
  if (items.length > MAX_SELECTED) {
    throw invalid(`streams names more than ${MAX_SELECTED} streams`);
  }
  return select(items);
}

/** The selection of a list of names and patterns. @throws SluiceError 400 for a member that is neither */
export function select(items: readonly string[]): Selection {
  const wrong = items.find((text) => !item.test(text));
  if (wrong !== undefined) {
    const list = 'a comma-separated list of stream names and patterns (orders.* or *)';
    throw invalid(`streams must be ${list}, but it has '${wrong.slice(0, MAX_SHOWN)}'`);
  }
  const patterns = items.filter((text) => text.endsWith('*')).map((text) => text.slice(0, -1));
  const prefixes = unique(patterns).filter((prefix) => !coveredBy(patterns, prefix));
  const names = unique(items.filter((text) => !text.endsWith('*') && !takenIn(prefixes, text)));
  const canonical = [...names, ...prefixes.map((prefix) => `${prefix}*`)];
  return { key: canonical.join(','), items: canonical, names, prefixes, nameSet: new Set(names) };
}

export function matches(selection: Selection, stream: string): boolean {
  return selection.nameSet.has(stream) || takenIn(selection.prefixes, stream);
}

function takenIn(prefixes: readonly string[], stream: string): boolean {
  return prefixes.some((prefix) => stream.startsWith(prefix));
}

function coveredBy(patterns: readonly string[], prefix: string): boolean {
  return patterns.some((other) => other !== prefix && prefix.startsWith(other));
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)].sort();
}

function invalid(message: string): SluiceError {
  return new SluiceError('SLUICE_INVALID_SELECTION', 400, message);
}
