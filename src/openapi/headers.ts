/** Headers of answers that a client goes by; each may be left out. */
export const HEADERS = {
  'idempotent-replayed': {
    description: 'The answer is that of an earlier request with the same Idempotency-Key',
    schema: { type: 'string', enum: ['true'] },
  },
  location: { description: 'Where to go on', schema: { type: 'string' } },
  'ratelimit-limit': {
    description:
      'Requests that the client has in a window. All answers to what is limited have it, once there is a limit',
    schema: { type: 'integer' },
  },
  'ratelimit-remaining': { description: 'What is left of them', schema: { type: 'integer' } },
  'ratelimit-reset': { description: 'Seconds until the window ends', schema: { type: 'integer' } },
  'retry-after': { description: 'Seconds to wait before the request is sent again', schema: { type: 'integer' } },
  'set-cookie': { description: 'The session, or that it is over', schema: { type: 'string' } },
  'www-authenticate': { description: 'That a bearer token is asked for (RFC 6750 §3)', schema: { type: 'string' } },
};

type Name = keyof typeof HEADERS;

const RATE: readonly Name[] = ['ratelimit-limit', 'ratelimit-remaining', 'ratelimit-reset'];

/** The same in every operation that answers with the status. */
const OF_STATUS: Readonly<Record<string, readonly Name[]>> = {
  204: ['set-cookie'],
  302: ['location'],
  401: ['www-authenticate'],
  429: ['retry-after', ...RATE],
  503: ['retry-after'],
  507: ['retry-after'],
};

/** Operations that are limited as publishing is. */
const LIMITED: ReadonlySet<string> = new Set(['DELETE /sse/{id}', 'GET /metrics', 'GET /streams']);

/**
 * The headers of an operation's answers with a status.
 * @param isPublishing it takes an Idempotency-Key
 */
export function headersOf(status: string, operation: string, isPublishing: boolean): object | undefined {
  const names = status === '200' || status === '201' ? ofSuccess(operation, isPublishing) : OF_STATUS[status];
  return names && Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}

function ofSuccess(operation: string, isPublishing: boolean): readonly Name[] | undefined {
  if (isPublishing) {
    return ['idempotent-replayed', ...RATE];
  }
  return LIMITED.has(operation) ? RATE : undefined;
}
