import { Http2ServerResponse } from 'node:http2';
import fp from 'fastify-plugin';
import type { HubContext } from '../../src/context.js';
import { SluiceError } from '../../src/errors.js';
import { UntakenAnswers } from '../../src/http2/untaken-answers.js';

/** Where Node's HTTP/2 differs from its HTTP/1.1. */
export default fp<HubContext>(
  async (app, { clock, load }) => {
    const untaken = new UntakenAnswers(clock);
    load.onFull((isLook) => untaken.giveUp(isLook));
    // Over HTTP/2 an aborted body ends like a complete one; it must not be published as if it were.
    app.addHook('preValidation', (request, _reply, done) => {
      done(
        request.raw.aborted ? new SluiceError('SLUICE_MALFORMED_REQUEST', 400, 'the body was broken off') : undefined,
      );
    });
    // Event streams do not come here: they are hijacked, and live ones have a time of their own.
    app.addHook('onSend', (_request, reply, _payload, done) => {
      if (reply.raw instanceof Http2ServerResponse) {
        // Fastify asks for the end of the connection with some answers, which HTTP/2 has no header for (RFC 9113 §8.2.2).
        reply.removeHeader('connection');
        untaken.add(reply.raw.stream);
      }
      done();
    });
  },
  { name: 'sluice-http2' },
);
