/** Longest stream name, in characters. */
export const MAX_NAME_LENGTH = 128;

/** A stream name as a regular expression source; the HTTP schemas are built from it. */
export const STREAM_PATTERN = namePattern(MAX_NAME_LENGTH);

/** A stream name, `*`, or a name with `.*` at its end. */
export const SELECTION_PATTERN = `^(?:\\*|${name(MAX_NAME_LENGTH)}|${name(MAX_NAME_LENGTH - '.*'.length)}\\.\\*)$`;

/** What is made like a stream name, of at most so many characters. */
export function namePattern(maxLength: number): string {
  return `^${name(maxLength)}$`;
}

function name(maxLength: number): string {
  return `[A-Za-z0-9][A-Za-z0-9._:-]{0,${maxLength - 1}}`;
}

/** What may stand in a one-line text such as a type or a title: no control, format, surrogate or line-separator characters. */
export const LINE_PATTERN = '^[^\\p{Cc}\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}]+$';

/** The same for people, whose emoji and whose Persian or Hindi words need the joiners, though these are format characters. */
export const TITLE_PATTERN = '^(?:[^\\p{Cc}\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}]|[\\u200c\\u200d])+$';

/** Event types that only the server itself sends; a publisher that could send them would forge the protocol. */
export const RESERVED_TYPES: ReadonlySet<string> = new Set([
  'open',
  'error',
  'connected',
  'heartbeat',
  'refused',
  'expiring',
]);

/** The type of an event whose publisher named none; EventSource dispatches it to `onmessage`. */
export const DEFAULT_TYPE = 'message';

const stream = new RegExp(STREAM_PATTERN);
const line = new RegExp(LINE_PATTERN, 'u');

/** An embedding program in plain JavaScript may hand in anything. */
export function isStreamName(name: unknown): name is string {
  return typeof name === 'string' && stream.test(name);
}

export function isTypeName(type: unknown): boolean {
  return isLine(type, MAX_NAME_LENGTH);
}

/** A text of one line without control characters, of at most so many code points, as JSON Schema counts them. */
export function isLine(text: unknown, maxLength: number): text is string {
  return typeof text === 'string' && hasAtMost(text, maxLength) && line.test(text);
}

function hasAtMost(text: string, codePoints: number): boolean {
  return text.length <= codePoints || (text.length <= 2 * codePoints && [...text].length <= codePoints);
}

/** Streams whose latest event is their state: a new watcher gets it at once, and retention keeps it. */
export function isStateStream(name: string): boolean {
  return name === 'stock' || name === 'metrics' || name === 'progress' || name.startsWith('tasks.');
}

/** The pattern prefixes that take in a name: `''`, then each part up to and with a dot (`a.b.c`: `''`, `a.`, `a.b.`). */
export function prefixesOf(name: string, most = Number.POSITIVE_INFINITY): string[] {
  const prefixes = [''];
  for (let dot = name.indexOf('.'); dot !== -1 && prefixes.length < most; dot = name.indexOf('.', dot + 1)) {
    prefixes.push(name.slice(0, dot + 1));
  }
  return prefixes;
}

/** With `''`: of names of up to six parts, all. */
const INDEXED_PREFIXES = 6;

/**
 * Those that an index has a list for. A longer one is looked for in the list of the longest that there is, as a name may
 * have 63 dots and would take a list for each.
 */
export function indexedPrefixesOf(name: string): string[] {
  return prefixesOf(name, INDEXED_PREFIXES);
}

/** Of the lists that an index has, the one to look in for a pattern: its own, or that of the longest pattern around it. */
export function indexedPrefixOf(prefix: string): string {
  return indexedPrefixesOf(prefix).at(-1) ?? '';
}
