import { LINE_PATTERN } from '../events/names.js';

/**
 * Python's `re` and others know no property escapes, and JSON Schema asks for patterns that every tool reads (2020-12 core
 * §6.4). It refuses nothing that the server takes.
 */
export const PORTABLE_LINE_PATTERN = '^[^\\x00-\\x1f\\x7f-\\x9f]+$';

/** The description for those who use the API, from the one that is made of the routes' schemas, as the server goes by them. */
export function toPublished<T extends { paths?: object }>(document: T): T {
  return { ...document, paths: JSON.parse(JSON.stringify(document.paths), toPortable) };
}

function toPortable(key: string, value: unknown): unknown {
  return key === 'pattern' && value === LINE_PATTERN ? PORTABLE_LINE_PATTERN : value;
}
