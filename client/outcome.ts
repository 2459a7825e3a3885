import { isStream, isTemporary, readComplaint } from './answer.js';
import { StreamError } from './errors.js';
import type { Interruption } from './types.js';

/** How an attempt ends that another may follow. */
export class Interrupted extends Error {
  constructor(
    readonly reason: Interruption,
    /** The least time to wait that the server asked for, in ms. */
    readonly waitMs = 0,
  ) {
    super(reason.message);
  }
}

/** Whether an answer is an event stream (WHATWG HTML §9.2.3), and if not, whether waiting heals it. */
export async function expectStream(response: Response): Promise<ReadableStream<Uint8Array>> {
  const { status, headers, body, url } = response;
  if (status === 204) {
    throw new StreamError('no-content', `${url} answered 204: nothing to watch any more`, response);
  }
  if (status !== 200) {
    throw await readRefusal(response);
  }
  if (!isStream(response) || body === null) {
    const type = headers.get('content-type') ?? 'no content type';
    throw new StreamError('content-type', `${url} is no event stream: it answers with ${type}`, response);
  }
  return body;
}

async function readRefusal(response: Response): Promise<Error> {
  const complaint = await readComplaint(response);
  const { status, message, retryAfterMs } = complaint;
  return isTemporary(status)
    ? new Interrupted({ code: 'unavailable', message, status }, retryAfterMs)
    : new StreamError('status', message, complaint);
}
