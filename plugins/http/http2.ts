import fp from 'fastify-plugin';
import { SluiceError } from '../../src/errors.js';

/** Where Node's HTTP/2 differs from its HTTP/1.1. */
export default fp(
  async (app) => {
    // A body that the client breaks off ends there like a whole one; its part must not be taken for it.
    app.addHook('preValidation', (request, _reply, done) => {
      done(
        request.raw.aborted ? new SluiceError('SLUICE_MALFORMED_REQUEST', 400, 'the body was broken off') : undefined,
      );
    });
    // Fastify asks for the end of the connection with some answers, which HTTP/2 has no header for (RFC 9113 §8.2.2).
    app.addHook('onSend', (request, reply, _payload, done) => {
      if (request.raw.httpVersionMajor === 2) {
        reply.removeHeader('connection');
      }
      done();
    });
  },
  { name: 'sluice-http2' },
);
