import { type OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import { signedIn } from '../../src/access/principal.js';
import type { HubContext } from '../../src/context.js';
import type { Format } from '../../src/events/frame.js';
import { countedAddress } from '../../src/limits/address.js';
import { LogThrottle } from '../../src/limits/log-throttle.js';
import type { Client } from '../../src/streams/caps.js';
import type { ConnectionSummary } from '../../src/streams/connection.js';
import { openSink, STREAM_HEADERS, writeStreamHead } from '../../src/streams/http-sink.js';
import type { Selection } from '../../src/streams/selection.js';
import type { Sink } from '../../src/streams/sink.js';

declare module 'fastify' {
  interface FastifyReply {
    /**
     * Answers with the event stream of what of a selection may be watched, or refuses it in the stream; a HEAD gets
     * the headers. @throws SluiceError 401 or 403 for what may not be watched
     */
    eventStream(selection: Selection, format: Format): FastifyReply;
  }
}

interface Watch {
  readonly lastEventId?: string;
  readonly last?: number;
}

/** Turns a request into a watcher, and logs its coming and going. */
export default fp<HubContext>(
  async (app, { clock, releaseReplies }) => {
    const refusals = new LogThrottle(app.log, clock);
    app.decorateReply('eventStream', function (this: FastifyReply, wanted: Selection, format: Format) {
      const selection = this.request.maySubscribe(wanted);
      if (this.request.method === 'HEAD') {
        return this.headers(STREAM_HEADERS).send();
      }
      // Of a header that a host has set and Node does not send, Fastify can tell until it has let go of the reply.
      writeStreamHead(this.raw, this.getHeaders() as OutgoingHttpHeaders);
      this.hijack();
      if (releaseReplies) {
        release(this.raw);
      }
      openSink(this.raw, (sink) => subscribe(this, sink, selection, format, refusals));
      return this;
    });
  },
  { name: 'sluice-event-stream', dependencies: ['sluice-streams', 'sluice-access'] },
);

/** Takes off what Fastify has put on a response, which holds request and reply. Node's own listener, in HTTP/1.1, comes first. */
function release(raw: ServerResponse): void {
  const own = raw instanceof ServerResponse ? 1 : 0;
  const listeners = raw.listeners('finish') as (() => void)[];
  for (const listener of listeners.slice(own)) {
    raw.off('finish', listener);
    raw.off('error', listener);
  }
}

function subscribe(
  { request, server }: FastifyReply,
  sink: Sink,
  selection: Selection,
  format: Format,
  refusals: LogThrottle,
): void {
  const { streams, log } = server;
  const connection = request.id;
  const line = { connection, streams: selection.items, format, ip: request.ip, principal: request.hubPrincipal.id };
  const client = clientOf(request);
  const refusal = streams.refusal(client);
  if (refusal !== undefined) {
    streams.refuse(sink, format, refusal);
    refusals.warn(refusal.code, { event: 'refuse', ...line, code: refusal.code }, 'watcher refused');
    return;
  }
  const { lastEventId, last } = request.query as Watch;
  const cursor = headerCursor(request.headers['last-event-id']) ?? lastEventId;
  const onClose = (summary: ConnectionSummary) =>
    log.info({ event: 'disconnect', connection, ...summary }, 'watcher disconnected');
  const { lease } = request.hubPrincipal;
  const { resume, reason } = streams.subscribe({ selection, format, sink, cursor, last, client, lease, onClose });
  log.info({ event: 'connect', ...line, resume, gap: reason }, 'watcher connected');
}

/** Everybody is the same principal who has not signed in. */
function clientOf({ ip, hubPrincipal }: FastifyRequest): Client {
  return { address: countedAddress(ip), principal: signedIn(hubPrincipal) };
}

/** An empty header is none: EventSource never sends one, and a proxy may. */
function headerCursor(header: string | string[] | undefined): string | undefined {
  return header === undefined || header === '' ? undefined : String(header);
}
