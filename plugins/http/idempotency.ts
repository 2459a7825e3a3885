import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import { signedIn } from '../../src/access/principal.js';
import type { Published, PublishedBatch, PublishOptions } from '../../src/bus/event-bus.js';
import { MAX_KEY_LENGTH } from '../../src/bus/idempotency.js';
import { SluiceError } from '../../src/errors.js';
import type { Claim } from '../../src/log/receipts.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who publishes, and what its Idempotency-Key claims. @throws SluiceError 400 for one that is no key */
    hubPublishOptions(): PublishOptions;
  }
  interface FastifyReply {
    /** Answers a publisher, and says when the answer is an earlier one. */
    hubPublished(statusCode: 200 | 201, published: Published | PublishedBatch): FastifyReply;
  }
}

const KEY = new RegExp(`^[\\x21-\\x7e]{1,${MAX_KEY_LENGTH}}$`);

/** The header's side of idempotency: from a key to a claim, from an outcome to an answer. */
export default fp(
  async (app) => {
    app.decorateRequest('hubPublishOptions', function (this: FastifyRequest) {
      const header = this.headers['idempotency-key'];
      const claim = header === undefined ? undefined : claimOf(this, String(header));
      return { claim, publisher: signedIn(this.hubPrincipal) };
    });
    app.decorateReply('hubPublished', function (this: FastifyReply, statusCode, published) {
      if (published.subscribers === undefined) {
        this.header('idempotent-replayed', 'true');
      }
      return this.code(statusCode).send(published);
    });
  },
  { name: 'sluice-idempotency', dependencies: ['sluice-access'] },
);

/**
 * The draft writes the key as a quoted string; many clients leave the quotes out. Each principal has keys of its own, so
 * that nobody learns from a key what another has published.
 */
function claimOf({ method, url, headers, body, hubPrincipal }: FastifyRequest, header: string): Claim {
  const key = header.replace(/^"(.*)"$/, '$1');
  if (!KEY.test(key)) {
    throw new SluiceError(
      'SLUICE_INVALID_IDEMPOTENCY_KEY',
      400,
      `Idempotency-Key must be 1 to ${MAX_KEY_LENGTH} visible ASCII characters`,
    );
  }
  const request = [method, url, headers['content-type'] ?? '', JSON.stringify(body)];
  return { key: digest([hubPrincipal.id, key]), fingerprint: digest(request) };
}

function digest(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
}
