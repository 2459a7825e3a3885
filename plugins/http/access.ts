import type { FastifyBaseLogger, FastifyInstance, FastifyRequest, RouteOptions } from 'fastify';
import fp from 'fastify-plugin';
import { type Admission, type AdmissionReport, openAdmission } from '../../src/access/admission.js';
import { forbidden } from '../../src/access/errors.js';
import { type Principal, problemOfLease } from '../../src/access/principal.js';
import { asClientError, authorize, type Requirement } from '../../src/access/requirement.js';
import { narrow } from '../../src/access/rights.js';
import type { Clock } from '../../src/clock.js';
import type { HubContext } from '../../src/context.js';
import { ConfigError, type SluiceError } from '../../src/errors.js';
import { isStreamName } from '../../src/events/names.js';
import { matches, type Selection } from '../../src/events/selection.js';
import { LogThrottle } from '../../src/limits/log-throttle.js';

declare module 'fastify' {
  interface FastifyInstance {
    /** Registers what brings routes of its own that everybody may ask for. */
    publicly(register: (scope: FastifyInstance) => unknown): Promise<void>;
  }
  interface FastifyRequest {
    /** Who it is from, for the hub; the host may have its own word for its own users. */
    hubPrincipal: Principal;
    /**
     * @param place where in the request the stream is named
     * @throws SluiceError 401 or 403 naming the right, unless the principal may publish to the stream
     */
    hubMayPublish(stream: string, place?: string): void;
    /** What of a selection the principal may watch. @throws SluiceError 401 or 403 for a name it may not, or for nothing */
    hubMaySubscribe(wanted: Selection): Selection;
  }
  interface FastifyContextConfig {
    /** What the route needs. Every route has one. */
    access?: Requirement;
    /** The stream that the path names, for a route that publishes to it. */
    streamOf?: (params: { readonly id: string }) => string;
  }
}

/** Assumed of a route that declares no access; `denyByDefault` stops the start before there can be one. */
const STRICTEST: Requirement = 'subscribe-all';

/** Who may do what: settles who a request is from before its body is read, and what its route needs. */
export default fp<HubContext>(
  async (app, { config, clock }) => {
    const admission = await openAdmission(config, clock, reportTo(app.log, clock));
    app.addHook('onClose', async () => admission.close());
    app.decorateRequest('hubPrincipal');
    app.decorateRequest('hubMayPublish', mayPublish);
    app.decorateRequest('hubMaySubscribe', maySubscribe);
    app.addHook('onRequest', async (request) => {
      request.hubPrincipal = admission.nobody;
      if (request.method !== 'OPTIONS' && !request.is404) {
        await admit(request, admission);
      }
    });
    if (config.auth === 'on') {
      // A body may take its time, and what was let in before it may have been taken back meanwhile.
      app.addHook('preValidation', ({ hubPrincipal }, _reply, done) => done(problemOfLease(hubPrincipal, clock.now())));
    }
    app.decorate('publicly', publicly);
    denyByDefault(app);
  },
  {
    name: 'sluice-access',
    dependencies: [
      // Before anything is done for a request that has to wait.
      'sluice-pipelining',
      // What is refused here has the headers of these, too.
      'sluice-cors',
      'sluice-security-headers',
      'sluice-errors',
      'sluice-requests',
      'sluice-headers',
    ],
  },
);

function reportTo(log: FastifyBaseLogger, clock: Clock): AdmissionReport {
  const warnings = new LogThrottle(log, clock);
  return {
    loaded: (keys) => log.info({ event: 'keys', keys }, 'API keys loaded'),
    rejected: ({ message: reason }) => log.error({ event: 'keys-rejected', reason }, 'the API keys before go on'),
    unavailable: (reason) =>
      warnings.warn(reason, { event: 'keys-unavailable', reason }, 'the keys that verify tokens cannot be fetched'),
    limited: (ip, address) =>
      warnings.warn(address, { event: 'credentials-limited', ip }, 'too many keys and tokens that do not hold'),
  };
}

function mayPublish(this: FastifyRequest, stream: string, place?: string): void {
  if (!matches(this.hubPrincipal.rights.publish, stream)) {
    const problem = asClientError(this.hubPrincipal, forbidden('publish', stream));
    throw place === undefined ? problem : problem.at(place);
  }
}

function maySubscribe(this: FastifyRequest, wanted: Selection): Selection {
  try {
    return narrow(wanted, this.hubPrincipal.rights.subscribe);
  } catch (error) {
    throw asClientError(this.hubPrincipal, error as SluiceError);
  }
}

/** A right to publish to the stream of the path is asked for here, before the body is read. */
async function admit(request: FastifyRequest, admission: Admission): Promise<void> {
  const { access = STRICTEST, streamOf } = request.routeOptions.config;
  request.hubPrincipal = await admission.admit(request, access);
  authorize(access, request.hubPrincipal);
  const stream = streamOf?.(request.params as { id: string });
  if (isStreamName(stream)) {
    request.hubMayPublish(stream);
  }
}

async function publicly(this: FastifyInstance, register: (scope: FastifyInstance) => unknown): Promise<void> {
  await this.register(async (scope) => {
    scope.addHook('onRoute', (route) => {
      route.config = { ...route.config, access: 'public' };
    });
    await register(scope);
  });
}

/** A route that says nothing of what it needs stops the start, so that none is open by mistake. */
function denyByDefault(app: FastifyInstance): void {
  const routes: RouteOptions[] = [];
  app.addHook('onRoute', (route) => {
    routes.push(route);
  });
  app.addHook('onReady', async () => {
    const open = routes.find(({ config }) => config?.access === undefined);
    if (open !== undefined) {
      throw new ConfigError(`the route ${open.method} ${open.url} does not say what access it needs`);
    }
  });
}
