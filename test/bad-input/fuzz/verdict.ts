import type { Operation } from './document.js';
import type { FuzzRequest } from './requests.js';

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  /** The whole body, or the first frame of an event stream. */
  readonly body: string;
  /** The path of the route that took the request, with `{id}` for a parameter; empty where none did. */
  readonly route: string;
  /** By how much the request moved the log's head on. */
  readonly stored: number;
}

/** What is wrong with a reply, if anything: the rules that hold for every request whatever. */
export function complaint(operations: readonly Operation[], request: FuzzRequest, reply: Reply): string | undefined {
  const { method } = request;
  const here = operations.filter(({ path }) => path === reply.route);
  const operation =
    here.find((one) => one.method === method) ?? here.find((one) => method === 'HEAD' && one.method === 'GET');
  return (
    checkError(reply, method) ??
    checkStored(reply) ??
    checkPlace(request, reply) ??
    (operation === undefined ? checkUnknown(request, reply, here.length > 0) : checkKnown(operation, request, reply))
  );
}

function checkError({ status, body, headers, route }: Reply, method: string): string | undefined {
  // That it is not ready is what was asked for, no error.
  if (status < 400 || method === 'HEAD' || (route === '/readyz' && status === 503)) {
    return undefined;
  }
  if (mediaTypeOf(headers) !== 'application/json') {
    return `an error of type ${headers['content-type']}`;
  }
  const { statusCode, code, error, message } = JSON.parse(body);
  if (status === 401 && headers['www-authenticate'] === undefined) {
    return '401 without WWW-Authenticate';
  }
  const isWhole =
    statusCode === status && [code, error, message].every((text) => typeof text === 'string' && text !== '');
  return isWhole ? undefined : 'an error without statusCode, code, error and message';
}

/** Nothing of a refused request is stored, and whatever is accepted is. */
function checkStored({ status, stored, headers, body }: Reply): string | undefined {
  if (status >= 400) {
    return stored === 0 ? undefined : `${stored} events of a refused request were stored`;
  }
  if (mediaTypeOf(headers) !== 'application/json' || headers['idempotent-replayed'] === 'true') {
    return undefined;
  }
  const { id, ids } = body === '' ? {} : JSON.parse(body);
  const count = ids?.length ?? (id === undefined ? 0 : 1);
  return count === stored ? undefined : `${count} ids for ${stored} events`;
}

/** What stands before the id in the name of the stream. */
const PREFIXES: Record<string, string> = { '/sse/{id}': '', '/tasks/{id}': 'tasks.' };

/** An event is in the stream of its path, to which alone the sender's rights were held, whatever else the request says. */
function checkPlace({ url }: FuzzRequest, { status, route, body }: Reply): string | undefined {
  const prefix = PREFIXES[route];
  if (prefix === undefined || body === '' || ![200, 201].includes(status) || !body.startsWith('{')) {
    return undefined;
  }
  const id = decodeURIComponent(/[^/]*$/.exec(url.split('?', 1)[0] ?? '')?.[0] ?? '');
  const { stream } = JSON.parse(body);
  return stream === `${prefix}${id}` ? undefined : `an event of ${id} is in ${stream}`;
}

/** Who it is from is looked at before what it asks for. */
const REFUSED = [401, 403, 429];

/** What the document does not speak of: other methods of its paths, other paths. */
function checkUnknown({ method }: FuzzRequest, { status, headers }: Reply, isPath: boolean): string | undefined {
  if (isPath && !REFUSED.includes(status)) {
    const expected = method === 'OPTIONS' ? 204 : 405;
    const isRight = status === expected && String(headers.allow).includes('OPTIONS');
    return isRight ? undefined : `${status} where ${expected} with Allow was expected`;
  }
  return status < 500 ? undefined : `${status} outside of the document`;
}

/** What the document says beforehand. */
const REFUSED_BY_FORM = [
  'FST_ERR_VALIDATION',
  'FST_ERR_CTP_INVALID_MEDIA_TYPE',
  'SLUICE_EMPTY_BODY',
  'SLUICE_EMPTY_BATCH',
];

function checkKnown(operation: Operation, request: FuzzRequest, reply: Reply): string | undefined {
  const { status, headers, body } = reply;
  const content = operation.replies[String(status)];
  if (content === undefined) {
    return `${status} is not documented`;
  }
  if (request.kind === 'valid' && REFUSED_BY_FORM.includes(codeOf(reply))) {
    return 'the document calls it valid';
  }
  if (request.method === 'HEAD' || status === 204) {
    return body === '' ? undefined : `a body where ${request.method} ${status} has none`;
  }
  const type = mediaTypeOf(headers);
  const check = content[type];
  return check === undefined ? `${status} of type ${type} is not documented` : check(parse(type, body));
}

function codeOf({ status, body }: Reply): string {
  return status < 400 || body === '' ? '' : JSON.parse(body).code;
}

function parse(type: string, body: string): unknown {
  return type === 'application/json' ? JSON.parse(body) : body;
}

function mediaTypeOf(headers: Reply['headers']): string {
  return String(headers['content-type'] ?? '').split(';', 1)[0] ?? '';
}
