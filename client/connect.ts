import { LastingConnection } from './connection.js';
import { cursorHeader, joinHeaders } from './headers.js';
import type { Connection, ConnectOptions, Events } from './types.js';

/**
 * Watches an event stream for as long as it takes, such as `/events?streams=stock,orders.*` (many streams on one
 * connection) or `/sse/stock` (one). The first request leaves right after the current turn.
 * @throws TypeError for a URL, headers or a cursor that no request can have
 */
export function connect<E extends object = Events>(url: string | URL, options: ConnectOptions = {}): Connection<E> {
  const { headers, lastEventId = '' } = options;
  // What `fetch` would refuse is an error now, not a connection that never comes about; and a page that changes its
  // address later does not change what a relative URL means.
  const { url: resolved } = new Request(url);
  joinHeaders(typeof headers === 'function' ? {} : headers, cursorHeader(lastEventId));
  if (!/^https?:/.test(resolved)) {
    throw new TypeError(`not http or https: ${resolved}`);
  }
  const connection = new LastingConnection<E>(resolved, options);
  queueMicrotask(() => connection.run());
  return connection;
}
