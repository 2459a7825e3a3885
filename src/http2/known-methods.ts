import { type IncomingMessage, METHODS, type RequestListener, type ServerResponse } from 'node:http';
import { SluiceError } from '../errors.js';

/** Answers a request with an error. */
export type Refuse = (error: Error, request: IncomingMessage, response: ServerResponse) => void;

const KNOWN: ReadonlySet<unknown> = new Set(METHODS);

/** Refuses a method that there is none of, as the parser of HTTP/1.1 does; that of HTTP/2 lets it through, and routers have no word for it. */
export function onlyKnownMethods(handler: RequestListener, refuse: Refuse): RequestListener {
  return (request, response) => {
    if (KNOWN.has(request.method)) {
      handler(request, response);
      return;
    }
    request.method = 'GET';
    const message = 'this is not an HTTP request: there is no such method';
    refuse(new SluiceError('SLUICE_MALFORMED_REQUEST', 400, message), request, response);
  };
}
