import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import fp from 'fastify-plugin';
import type { HubContext } from '../../src/context.js';
import { toPublished } from '../../src/openapi/document.js';
import { version } from '../../src/package.js';

/** Made elsewhere: its page has styles of its own, with pictures in them. */
const POLICY = [
  "default-src 'self'",
  "img-src 'self' data:",
  "style-src 'self' 'unsafe-inline'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'self'",
  "object-src 'none'",
].join('; ');

/** The bar is for looking at the description of another server. */
const THEME = {
  title: 'Sluice API',
  css: [{ filename: 'sluice.css', content: '.swagger-ui .topbar { display: none }' }],
};

const COOKIE =
  'Set by POST /session. This is its name over https; over http, which is for this machine only, it is `sluice`';

/** The API's description, made from the routes' own schemas, at /docs. */
export default fp<HubContext>(
  async (app) => {
    await app.register(swagger, {
      openapi: {
        openapi: '3.1.0',
        info: {
          title: 'Sluice',
          version,
          description: 'Publish over HTTP, watch over Server-Sent Events, resume exactly.',
        },
        components: {
          securitySchemes: {
            bearer: { type: 'http', scheme: 'bearer', description: 'API key or token (JWT)' },
            session: { type: 'apiKey', in: 'cookie', name: '__Host-sluice', description: COOKIE },
          },
        },
        security: [{ bearer: [] }, { session: [] }, {}],
        tags: [
          { name: 'watch', description: 'Event streams' },
          { name: 'publish', description: 'Publishing' },
          { name: 'access', description: 'Signing in, and what one may do' },
          { name: 'operate', description: 'State and health of the server' },
        ],
      },
      transformObject: (made) =>
        'openapiObject' in made ? toPublished(made.openapiObject, app.prefix) : made.swaggerObject,
    });
    const page = { routePrefix: '/docs', indexPrefix: app.prefix, staticCSP: POLICY, theme: THEME };
    await app.publicly((scope) => scope.register(swaggerUi, page));
  },
  { name: 'sluice-openapi', dependencies: ['sluice-access', 'sluice-serialization'] },
);
