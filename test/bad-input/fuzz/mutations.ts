import fc, { type Arbitrary } from 'fast-check';
import { headerText, mediaType, oddText, oddValue, rawUrlText } from './odd.js';
import { toUrl } from './values.js';

/** A request before it is put together. */
export interface Draft {
  readonly method: string;
  readonly path: string;
  /** Each as it stands in the URL. */
  readonly query: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** What is done to the bytes of the body at last. */
  readonly edit?: (bytes: Buffer) => Buffer;
}

type Mutation = (draft: Draft) => Draft;

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE'];
const PARAMETERS = [
  ...['streams', 'last', 'lastEventId', 'type', 'prefix', 'after', 'limit', 'token', '__proto__', ''],
  // Members of an event, which are no parameters.
  ...['stream', 'data', 'id'],
];
const HEADERS = [
  ...['last-event-id', 'idempotency-key', 'accept', 'origin', 'cookie', 'authorization', 'content-encoding', 'host'],
  ...['range', 'if-none-match', 'if-modified-since', 'x-forwarded-for', 'x-http-method-override', 'transfer-encoding'],
];

const method: Arbitrary<Mutation> = fc.constantFrom(...METHODS).map((method) => (draft) => ({ ...draft, method }));

/** The last part of the path is the parameter, where there is one. */
const path: Arbitrary<Mutation> = fc
  .oneof(oddText.map(toUrl), rawUrlText)
  .map((text) => (draft) => ({ ...draft, path: draft.path.replace(/[^/]*$/, () => text) }));

const query: Arbitrary<Mutation> = fc
  .tuple(
    fc.constantFrom(...PARAMETERS),
    fc.constantFrom('', '[]', '[a]'),
    fc.oneof(oddText.map(toUrl), rawUrlText, fc.constant('a')),
  )
  .map(([name, suffix, value]) => (draft) => ({ ...draft, query: [...draft.query, `${name}${suffix}=${value}`] }));

const repeatedQuery: Arbitrary<Mutation> = fc.constant((draft) => ({
  ...draft,
  query: [...draft.query, ...(draft.query.length > 0 ? draft.query : ['type=a', 'type=b'])],
}));

const header: Arbitrary<Mutation> = fc
  .tuple(fc.constantFrom(...HEADERS), headerText)
  .map(([name, value]) => (draft) => ({ ...draft, headers: { ...draft.headers, [name]: value } }));

const contentType: Arbitrary<Mutation> = mediaType.map((type) => (draft) => ({
  ...draft,
  headers: { ...draft.headers, 'content-type': type },
}));

const contentLength: Arbitrary<Mutation> = fc
  .constantFrom('0', '1', '-1', 'x', '99999999999', '1, 1')
  .map((length) => (draft) => ({ ...draft, headers: { ...draft.headers, 'content-length': length } }));

const noBody: Arbitrary<Mutation> = fc.constant(({ body: _body, ...draft }) => draft);

const body: Arbitrary<Mutation> = oddValue.map((body) => (draft) => ({ ...draft, body }));

const member: Arbitrary<Mutation> = fc
  .tuple(fc.nat(), fc.oneof(oddText, fc.constant('stream'), fc.constant('data')), oddValue, fc.boolean())
  .map(([at, name, value, isNew]) => (draft) => ({ ...draft, body: change(draft.body, at, name, value, isNew) }));

const removal: Arbitrary<Mutation> = fc
  .nat()
  .map((at) => (draft) => ({ ...draft, body: change(draft.body, at, '', undefined, false) }));

/** Changes one member of an object, or of a member of an array: sets it (a new one by name), or removes it. */
function change(body: unknown, at: number, name: string, value: unknown, isNew: boolean): unknown {
  if (Array.isArray(body) && body.length > 0) {
    return body.with(at % body.length, change(body[at % body.length], at >> 3, name, value, isNew));
  }
  if (typeof body !== 'object' || body === null) {
    return value;
  }
  const names = Object.keys(body);
  const target = isNew || names.length === 0 ? name : names[at % names.length];
  // JSON.parse would make an own member of `__proto__`, and so must this.
  return Object.fromEntries([...Object.entries(body), [target, value]]);
}

const BYTES = [
  '\0',
  '"',
  '\\',
  '{',
  '}',
  '[',
  ']',
  ',',
  '\n',
  '\r\n',
  '\ufeff',
  '"__proto__":1,',
  '\\ud800',
  '\\u0000',
  '1e999',
];

const splice: Arbitrary<Mutation> = fc
  .tuple(
    fc.nat(),
    fc.nat({ max: 3 }),
    fc.oneof(
      fc.constantFrom(...BYTES).map((text) => Buffer.from(text)),
      fc.uint8Array({ maxLength: 4 }).map((bytes) => Buffer.from(bytes)),
    ),
  )
  .map(([at, removed, inserted]) => (draft) => ({
    ...draft,
    edit: (bytes) => {
      const place = at % (bytes.length + 1);
      return Buffer.concat([bytes.subarray(0, place), inserted, bytes.subarray(place + removed)]);
    },
  }));

const nesting: Arbitrary<Mutation> = fc.constantFrom(63, 64, 65, 300).map((depth) => (draft) => ({
  ...draft,
  edit: (bytes) => Buffer.concat([Buffer.from('['.repeat(depth)), bytes, Buffer.from(']'.repeat(depth))]),
}));

/** One to three things wrong, or at a limit, with a request. */
export const mutations: Arbitrary<Mutation[]> = fc.array(
  fc.oneof(
    ...[method, path, query, repeatedQuery, header, contentType, contentLength, noBody, body, member, removal, splice],
    nesting,
  ),
  { minLength: 1, maxLength: 3 },
);
