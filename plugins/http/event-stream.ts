import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import { type Principal, signedIn } from '../../src/access/principal.js';
import type { HubContext } from '../../src/context.js';
import { asError, SluiceError } from '../../src/errors.js';
import type { Format } from '../../src/events/frame.js';
import type { Selection } from '../../src/events/selection.js';
import { countedAddress } from '../../src/limits/address.js';
import { LogThrottle } from '../../src/limits/log-throttle.js';
import type { Client } from '../../src/streams/caps.js';
import type { ConnectionSummary } from '../../src/streams/connection.js';
import { type Refusal, refusalOf } from '../../src/streams/refusal.js';
import { openSink, STREAM_HEADERS, writeStreamHead } from '../../src/streams/sinks/http-sink.js';
import type { Sink } from '../../src/streams/sinks/sink.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The route answers with an event stream, written like this. */
    eventStream?: Format;
  }
  interface FastifyReply {
    /**
     * Answers with the event stream of what of a selection may be watched, or refuses it in the stream; a HEAD gets
     * the headers. @throws SluiceError 401 or 403 for what may not be watched
     */
    hubStream(selection: Selection): FastifyReply;
  }
}

/** An event stream whose head is written. */
interface Opened {
  readonly reply: FastifyReply;
  readonly sink: Sink;
  readonly format: Format;
}

/** How other servers spell the parameter of the cursor: passed over, it would have a watcher miss events without a word. */
const MISSPELT = /^last[-_]?event[-_]?id$/i;

interface Watch {
  readonly lastEventId?: string;
  readonly last?: number;
}

/** Turns a request into a watcher, and logs its coming and going. */
export default fp<HubContext>(
  async (app, { clock, releaseReplies }) => {
    const refusals = new LogThrottle(app.log, clock);
    app.decorateReply('hubStream', function (this: FastifyReply, wanted: Selection) {
      const selection = this.request.hubMaySubscribe(wanted);
      checkSpelling(Object.keys(this.request.query as Watch));
      if (this.request.method === 'HEAD') {
        return this.headers(STREAM_HEADERS).send();
      }
      return open(this, releaseReplies, (opened) => subscribe(opened, selection, refusals));
    });
    app.addHook('onRoute', (route) => {
      if (route.config?.eventStream !== undefined) {
        route.errorHandler = (error, request, reply) => {
          const refusal = refusalOf(error);
          if (refusal === undefined || request.method === 'HEAD') {
            throw asError(error);
          }
          open(reply, releaseReplies, (opened) => refuse(opened, refusal, refusals));
        };
      }
    });
  },
  { name: 'sluice-event-stream', dependencies: ['sluice-streams', 'sluice-access'] },
);

function checkSpelling(parameters: readonly string[]): void {
  const name = parameters.find((parameter) => parameter !== 'lastEventId' && MISSPELT.test(parameter));
  if (name !== undefined) {
    const message = `nothing is known of the parameter ${name}: the cursor goes into lastEventId`;
    throw new SluiceError('SLUICE_BAD_REQUEST', 400, message);
  }
}

/** Begins an event stream: from here on the reply is no longer Fastify's. */
function open(reply: FastifyReply, releaseReplies: boolean, opened: (stream: Opened) => void): FastifyReply {
  const { raw, request } = reply;
  const { eventStream: format = 'plain' } = request.routeOptions.config;
  // Before hijack, so that Fastify can still answer where a header that the host has set cannot be sent.
  writeStreamHead(raw, reply.getHeaders() as OutgoingHttpHeaders);
  reply.hijack();
  if (releaseReplies) {
    release(raw);
  }
  openSink(raw, (sink) => opened({ reply, sink, format }));
  return reply;
}

/** Takes off what Fastify has put on a response, which holds request and reply: one function for its end and for its error. */
function release(raw: ServerResponse): void {
  const onError = raw.listeners('error');
  const onBoth = raw.listeners('finish').filter((listener) => onError.includes(listener)) as (() => void)[];
  for (const listener of onBoth) {
    raw.off('finish', listener);
    raw.off('error', listener);
  }
}

function subscribe(opened: Opened, selection: Selection, refusals: LogThrottle): void {
  const { reply, sink, format } = opened;
  const { request, server } = reply;
  const { streams, log } = server;
  const client = clientOf(request);
  const refusal = streams.refusal(client);
  if (refusal !== undefined) {
    refuse(opened, refusal, refusals, selection);
    return;
  }
  const connection = request.id;
  const { lastEventId, last } = request.query as Watch;
  // An empty header is none: EventSource never sends one, and a proxy may.
  const cursor = request.headers['last-event-id']?.toString() || lastEventId;
  const onClose = (summary: ConnectionSummary) =>
    log.info({ event: 'disconnect', connection, ...summary }, 'watcher disconnected');
  const { lease } = request.hubPrincipal;
  const { resume, reason } = streams.subscribe({ selection, format, sink, cursor, last, client, lease, onClose });
  log.info({ event: 'connect', ...lineOf(request, format, selection), resume, gap: reason }, 'watcher connected');
}

/** @param selection undefined when it was refused before anybody looked at what it is to watch */
function refuse({ reply, sink, format }: Opened, refusal: Refusal, refusals: LogThrottle, selection?: Selection): void {
  const { request, server } = reply;
  const { code } = refusal;
  server.streams.refuse(sink, format, refusal);
  refusals.warn(code, { event: 'refuse', ...lineOf(request, format, selection), code }, 'watcher refused');
}

function lineOf({ id: connection, ip, hubPrincipal }: FastifyRequest, format: Format, selection?: Selection) {
  // A host's hook may refuse it before anybody has asked who it is.
  const principal: Principal | undefined = hubPrincipal;
  return { connection, streams: selection?.items, format, ip, principal: principal?.id };
}

/** Everybody is the same principal who has not signed in. */
function clientOf({ ip, hubPrincipal }: FastifyRequest): Client {
  return { address: countedAddress(ip), principal: signedIn(hubPrincipal) };
}
