import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { ErrorCode } from '../errors.js';

/** What the client still sends is read for so long, because closing a socket on unread bytes would take the answer back. */
const LINGER_MS = 1000;

interface Answer {
  readonly statusCode: number;
  readonly code: ErrorCode;
  readonly message: string;
}

interface ParseError extends NodeJS.ErrnoException {
  /** A sentence of the parser's own, without anything of what was sent. */
  readonly reason?: string;
}

const TOO_SLOW: Answer = {
  statusCode: 408,
  code: 'SLUICE_REQUEST_TIMEOUT',
  message: 'the request took too long to arrive',
};
const TOO_LARGE: Answer = {
  statusCode: 431,
  code: 'SLUICE_HEADERS_TOO_LARGE',
  message: 'the headers are too large',
};

/**
 * Answers what never becomes a request, in the shape of all errors: bytes that are not HTTP (400), headers that are too
 * large (431), or what takes too long to arrive (408). Nothing is written into an answer that has begun, and what comes
 * behind a whole request does not take that one's answer away: it is given, and is the last.
 */
export function answerClientError(error: ParseError, socket: Socket): void {
  const answer = answerTo(error);
  const pending = pendingOn(socket);
  if (answer === undefined || pending?.headersSent === true) {
    socket.destroy();
  } else if (pending?.req.complete === true) {
    pending.shouldKeepAlive = false;
  } else if (socket.writable) {
    socket.end(encode(answer));
    setTimeout(() => socket.destroy(), LINGER_MS).unref();
  }
}

/** None for what happened to the connection itself. */
function answerTo({ code = '', reason = '' }: ParseError): Answer | undefined {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return TOO_SLOW;
  }
  if (code === 'HPE_HEADER_OVERFLOW') {
    return TOO_LARGE;
  }
  return code.startsWith('HPE_') ? malformed(reason) : undefined;
}

function malformed(reason: string): Answer {
  const message = `this is not an HTTP request${reason && `: ${reason}`}`;
  return { statusCode: 400, code: 'SLUICE_MALFORMED_REQUEST', message };
}

/** Node's own answer to such errors looks there too. */
function pendingOn(
  socket: Socket & { readonly _httpMessage?: ServerResponse | null },
): ServerResponse | null | undefined {
  return socket._httpMessage;
}

function encode({ statusCode, code, message }: Answer): string {
  const error = STATUS_CODES[statusCode];
  const body = `${JSON.stringify({ statusCode, code, error, message })}\n`;
  const lines = [
    `HTTP/1.1 ${statusCode} ${error}`,
    `date: ${new Date().toUTCString()}`,
    'content-type: application/json; charset=utf-8',
    `content-length: ${body.length}`,
    'connection: close',
  ];
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}
