import { LINE_PATTERN, TITLE_PATTERN } from '../events/names.js';
import { HEADERS, headersOf } from './headers.js';
import { OPERATION_IDS } from './operation-ids.js';

/** What is changed in an operation of OpenAPI. */
interface Operation {
  operationId: string | undefined;
  readonly parameters?: readonly { readonly name: string }[];
  readonly responses: Record<string, { headers: object | undefined }>;
}

type Paths = Record<string, Record<string, Operation>>;

/**
 * Python's `re` and others know no property escapes, and JSON Schema asks for patterns that every tool reads (2020-12 core
 * §6.4). It refuses nothing that the server takes.
 */
export const PORTABLE_LINE_PATTERN = '^[^\\x00-\\x1f\\x7f-\\x9f]+$';

/**
 * The description for those who use the API, from the one that is made of the routes' schemas, as the server goes by them.
 * What stands in it of a host's own schemas is left out.
 * @param prefix under which the paths stand
 */
export function toPublished<T extends { paths?: object; components?: object }>(document: T, prefix: string): T {
  const schemas: Record<string, unknown> = {};
  const paths: Paths = JSON.parse(JSON.stringify(document.paths), (key, value) =>
    toReference(toPortable(key, value), schemas),
  );
  for (const [path, operations] of Object.entries(paths)) {
    for (const [method, operation] of Object.entries(operations)) {
      complete(operation, `${method.toUpperCase()} ${path.slice(prefix.length) || '/'}`);
    }
  }
  return { ...document, paths, components: { ...document.components, schemas, headers: HEADERS } };
}

/** What is the same in many operations stands here once, and not in the schemas of each route. */
function complete(operation: Operation, name: string): void {
  const { parameters = [], responses } = operation;
  const isPublishing = parameters.some((parameter) => parameter.name === 'idempotency-key');
  operation.operationId = OPERATION_IDS[name];
  for (const [status, response] of Object.entries(responses)) {
    response.headers = headersOf(status, name, isPublishing);
  }
}

function toPortable(key: string, value: unknown): unknown {
  const isLine = value === LINE_PATTERN || value === TITLE_PATTERN;
  return key === 'pattern' && isLine ? PORTABLE_LINE_PATTERN : value;
}

/** A schema with a title stands among the components, once, so that a tool makes one type of it. */
function toReference(value: unknown, schemas: Record<string, unknown>): unknown {
  const { title, ...schema } = Object(value);
  if (typeof title !== 'string') {
    return value;
  }
  schemas[title] = schema;
  return { $ref: `#/components/schemas/${title}` };
}
