import { LINE_PATTERN } from '../events/names.js';
import { OPERATION_IDS } from './operation-ids.js';

/** What is changed in an operation of OpenAPI. */
interface Operation {
  operationId: string | undefined;
}

type Paths = Record<string, Record<string, Operation>>;

/**
 * Python's `re` and others know no property escapes, and JSON Schema asks for patterns that every tool reads (2020-12 core
 * §6.4). It refuses nothing that the server takes.
 */
export const PORTABLE_LINE_PATTERN = '^[^\\x00-\\x1f\\x7f-\\x9f]+$';

/**
 * The description for those who use the API, from the one that is made of the routes' schemas, as the server goes by them.
 * @param prefix under which the paths stand
 */
export function toPublished<T extends { paths?: object }>(document: T, prefix: string): T {
  const paths: Paths = JSON.parse(JSON.stringify(document.paths), toPortable);
  for (const [path, operations] of Object.entries(paths)) {
    for (const [method, operation] of Object.entries(operations)) {
      operation.operationId = OPERATION_IDS[`${method.toUpperCase()} ${path.slice(prefix.length) || '/'}`];
    }
  }
  return { ...document, paths };
}

function toPortable(key: string, value: unknown): unknown {
  return key === 'pattern' && value === LINE_PATTERN ? PORTABLE_LINE_PATTERN : value;
}
