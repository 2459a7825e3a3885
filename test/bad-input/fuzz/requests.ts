import fc, { type Arbitrary } from 'fast-check';
import type { Operation, Parameter } from './document.js';
import { type Draft, mutations } from './mutations.js';
import { mediaType, rawUrlText } from './odd.js';
import { toUrl, valuesBy } from './values.js';

export interface FuzzRequest {
  /** `valid`: as the document wants it; `near`: that with something changed; `junk`: made up. */
  readonly kind: 'valid' | 'near' | 'junk';
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer;
}

/** What is served beside the document. */
const OTHER_PATHS = [
  '/sse/',
  '/tasks/',
  '/docs',
  '/docs/json',
  '/docs/static/',
  '/docs/static/swagger-ui.css',
  '/assets/',
  '/index.html',
  '/x',
];

/**
 * Requests to the operations of a document.
 * @param headers who they are from; what is changed in a request comes after it
 */
export function requestsOf(
  operations: readonly Operation[],
  headers: Arbitrary<FuzzRequest['headers']>,
): Arbitrary<FuzzRequest> {
  return fc
    .tuple(headers, anonymous(operations))
    .map(([sender, request]) => ({ ...request, headers: { ...sender, ...request.headers } }));
}

function anonymous(operations: readonly Operation[]): Arbitrary<FuzzRequest> {
  const valid = fc.oneof(
    ...operations.map((operation) => ({
      // Writing has more ways to go wrong than reading.
      weight: operation.bodies.length > 0 ? 4 : 1,
      arbitrary: validDraft(operation),
    })),
  );
  return fc.oneof(
    { weight: 3, arbitrary: valid.map((draft) => finish('valid', draft)) },
    { weight: 6, arbitrary: mutated(valid).map((draft) => finish('near', draft)) },
    { weight: 1, arbitrary: mutated(junkDraft(operations)).map((draft) => finish('junk', draft)) },
  );
}

function mutated(drafts: Arbitrary<Draft>): Arbitrary<Draft> {
  return fc.tuple(drafts, mutations).map(([draft, changes]) => changes.reduce((all, change) => change(all), draft));
}

function validDraft({ method, path, parameters, bodies }: Operation): Arbitrary<Draft> {
  return fc
    .record({
      path: parametersOf(parameters, 'path'),
      query: parametersOf(parameters, 'query'),
      headers: parametersOf(parameters, 'header'),
      content: contentOf(bodies),
    })
    .map(({ path: params, query, headers, content }) => ({
      method,
      path: path.replace(/\{(\w+)\}/g, (_, name) => toUrl(String(params[name]))),
      query: Object.entries(query).map(([name, value]) => `${name}=${toUrl(String(value))}`),
      headers: { ...headers, ...content.headers },
      ...(content.body !== undefined && { body: content.body }),
    }));
}

function parametersOf(parameters: readonly Parameter[], place: Parameter['in']): Arbitrary<Record<string, string>> {
  const here = parameters.filter((parameter) => parameter.in === place);
  const values = here.map(({ name, schema }) => [name, valuesBy(schema).map((value) => asHeader(place, value))]);
  const requiredKeys = here.filter(({ required }) => required).map(({ name }) => name);
  return fc.record(Object.fromEntries(values), { requiredKeys, noNullPrototype: true });
}

/** Only what Latin-1 has can be in a header; the rest of a text would not reach the server this way. */
function asHeader(place: Parameter['in'], value: unknown): string {
  return place === 'header' ? String(value).replace(/[^\x20-\x7e]/g, '') : String(value);
}

interface Content {
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

function contentOf(bodies: Operation['bodies']): Arbitrary<Content> {
  if (bodies.length === 0) {
    return fc.constant({ headers: {} });
  }
  return fc.oneof(
    ...bodies.map(({ mediaType, schema }) =>
      valuesBy(schema).map((body) => ({ headers: { 'content-type': mediaType }, body })),
    ),
  );
}

function finish(kind: FuzzRequest['kind'], { method, path, query, headers, body, edit }: Draft): FuzzRequest {
  const bytes = body === undefined ? undefined : encode(body, headers['content-type'] ?? '');
  const edited = bytes === undefined ? undefined : (edit?.(bytes) ?? bytes);
  const url = query.length === 0 ? path : `${path}?${query.join('&')}`;
  return { kind, method, url, headers, ...(edited !== undefined && { body: edited }) };
}

function encode(body: unknown, mediaType: string): Buffer {
  if (mediaType === 'application/x-ndjson' && Array.isArray(body)) {
    return Buffer.from(body.map((line) => JSON.stringify(line)).join('\n'));
  }
  return Buffer.from(mediaType === 'text/plain' && typeof body === 'string' ? body : JSON.stringify(body));
}

/** Any method, any path near ours, any bytes. */
function junkDraft(operations: readonly Operation[]): Arbitrary<Draft> {
  return fc
    .record({
      method: fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS', 'QUERY', 'PROPFIND'),
      path: fc.constantFrom(...operations.map(({ path }) => path), ...OTHER_PATHS),
      rest: rawUrlText,
      type: mediaType,
      body: fc.uint8Array({ maxLength: 600 }),
    })
    .map(({ method, path, rest, type, body }) => ({
      method,
      path: path + rest,
      query: [],
      headers: { 'content-type': type },
      body: '',
      edit: () => Buffer.from(body),
    }));
}
