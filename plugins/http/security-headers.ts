import type { OutgoingHttpHeader } from 'node:http';
import helmet from '@fastify/helmet';
import type { FastifyReply } from 'fastify';
import fp from 'fastify-plugin';

/** The dashboard: scripts, styles and connections of this server only. Nothing is inline, so nothing injected runs. */
const DIRECTIVES = {
  defaultSrc: ["'self'"],
  baseUri: ["'none'"],
  formAction: ["'self'"],
  frameAncestors: ["'self'"],
  objectSrc: ["'none'"],
};

/** JSON is no page, and publishing, which is answered by it, is frequent. */
const JSON_HEADERS = [
  ['x-content-type-options', 'nosniff'],
  ['cross-origin-resource-policy', 'same-origin'],
] as const;

/**
 * The headers that keep browsers from doing with an answer what it is not for. Event streams, which are no documents,
 * do without. A host that has its own rules for that applies them here too.
 */
export default fp(
  async (app) => {
    if (app.hasPlugin('@fastify/helmet')) {
      return;
    }
    await app.register(helmet, {
      global: false,
      contentSecurityPolicy: { useDefaults: false, directives: DIRECTIVES },
      // With `no-referrer` browsers would say `Origin: null` of a form sent from the page itself.
      referrerPolicy: { policy: 'same-origin' },
      // It reaches all of a host, so it is for whoever serves the host to say.
      strictTransportSecurity: false,
      // For browsers of the past.
      originAgentCluster: false,
      xDnsPrefetchControl: false,
      xDownloadOptions: false,
      xPermittedCrossDomainPolicies: false,
      xXssProtection: false,
    });
    app.addHook('onSend', (_request, reply, _payload, done) => {
      // Where a hook of the host has answered before, there is no `helmet`, and the answer is the host's own.
      if (typeof reply.helmet === 'function') {
        addHeaders(reply);
      }
      done();
    });
  },
  { name: 'sluice-security-headers' },
);

/** What a host has set already stays as it is. */
function addHeaders(reply: FastifyReply): void {
  const own = Object.entries(reply.raw.getHeaders());
  const type = String(reply.getHeader('content-type'));
  if (type.startsWith('text/event-stream')) {
    return;
  }
  if (type.startsWith('application/json')) {
    setAll(reply, JSON_HEADERS);
  } else {
    reply.helmet();
  }
  setAll(reply, own);
}

function setAll({ raw }: FastifyReply, headers: readonly (readonly [string, OutgoingHttpHeader | undefined])[]): void {
  for (const [name, value = ''] of headers) {
    raw.setHeader(name, value);
  }
}
