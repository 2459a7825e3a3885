import rateLimit from '@fastify/rate-limit';
import type { FastifyRequest, RouteOptions } from 'fastify';
import fp from 'fastify-plugin';
import { signedIn } from '../../src/access/principal.js';
import type { HubContext } from '../../src/context.js';
import { SluiceError } from '../../src/errors.js';
import { countedAddress } from '../../src/limits/address.js';
import { LogThrottle } from '../../src/limits/log-throttle.js';
import { RequestCounts } from '../../src/limits/request-counts.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** It only reads, but goes through much for that. */
    costly?: true;
  }
}

/** Costly reads a second for each client and path: enough for a page of watchers and a scraper. */
const READ_RATE = 100;
const SECOND_MS = 1000;
/** Nobody in particular: this machine, or a proxy on it. */
const UNCOUNTED = '';

/**
 * How often a client may publish, by all paths together, and ask for what is costly: one who has signed in wherever the
 * requests come from, everybody else by address. Event streams have limits of their own.
 */
export default fp<HubContext>(
  async (app, { config, clock }) => {
    if (config.auth === 'local') {
      return;
    }
    const rateOf = ({ hubPrincipal }: FastifyRequest) => hubPrincipal.rate ?? config.publishRate;
    const lines = new LogThrottle(app.log, clock);
    const shared = {
      keyGenerator: clientOf,
      onExceeded: (request: FastifyRequest, client: string) => tell(lines, request, client),
    };
    const read = { ...shared, max: READ_RATE, timeWindow: SECOND_MS, allowList: isUncounted };
    app.addHook('onRoute', (route: RouteOptions) => {
      const { access, costly } = route.config ?? {};
      if (access !== 'publish') {
        route.config = { ...route.config, rateLimit: costly ? read : false };
      }
    });
    await app.register(rateLimit, {
      ...shared,
      store: class extends RequestCounts {
        constructor() {
          super(clock);
        }
      },
      // Whole requests: 2.5 a second are 3 in 1.2 seconds, 0.1 are one in ten.
      max: (request) => Math.ceil(rateOf(request)),
      timeWindow: (request) => (SECOND_MS * Math.ceil(rateOf(request))) / rateOf(request),
      allowList: (request, key) => isUncounted(request, key) || rateOf(request) === 0,
      enableDraftSpec: true,
      errorResponseBuilder: (_request, { max, after }) => rateLimited(max, after),
    });
  },
  { name: 'sluice-limits', dependencies: ['sluice-access', 'sluice-shedding'] },
);

function tell(lines: LogThrottle, request: FastifyRequest, client: string): void {
  const { ip, hubPrincipal, routeOptions } = request;
  const line = { event: 'rate-limited', ip, principal: hubPrincipal.id, path: routeOptions.url };
  lines.warn(client, line, 'a client asks too often');
}

function clientOf({ hubPrincipal, ip }: FastifyRequest): string {
  return signedIn(hubPrincipal) ?? countedAddress(ip) ?? UNCOUNTED;
}

function isUncounted(_request: FastifyRequest, key: string): boolean {
  return key === UNCOUNTED;
}

/** The headers are the plugin's: `retry-after`, `ratelimit-limit`, `ratelimit-remaining` and `ratelimit-reset`. */
function rateLimited(max: number, after: string): SluiceError {
  return new SluiceError(
    'SLUICE_RATE_LIMITED',
    429,
    `your limit of ${max} such requests is used up: try again in ${after}`,
  );
}
