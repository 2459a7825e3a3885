import type { FastifyReply, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import { SluiceError } from '../../src/errors.js';
import { BodyRoom } from '../../src/limits/body-room.js';
import { clientOf } from '../../src/limits/client.js';

/** Bounds the bodies under way, all together. */
export default fp(
  async (app) => {
    const room = new BodyRoom();
    app.addHook('preParsing', async (request, reply) => takeRoom(room, request, reply));
  },
  { name: 'sluice-body-room', dependencies: ['sluice-access', 'sluice-not-found', 'sluice-bodies'] },
);

/** Until its answer has left, or its client has: only then nothing is held of it any more. */
function takeRoom(room: BodyRoom, request: FastifyRequest, { raw }: FastifyReply): void {
  const bytes = announced(request);
  const client = clientOf(request);
  if (bytes === 0 || request.raw.aborted) {
    return;
  }
  if (!room.take(client, bytes)) {
    throw new SluiceError('SLUICE_OVERLOADED', 503, 'too many bodies are under way; send it again later');
  }
  raw.once('close', () => room.free(client, bytes));
}

/** Of what it announces, so that none that was let in is refused halfway; without a length, the most that it may have. */
function announced({ headers, routeOptions: { bodyLimit } }: FastifyRequest): number {
  const { 'content-length': length, 'content-type': type, 'transfer-encoding': coding } = headers;
  if (length !== undefined) {
    return Math.min(Number(length), bodyLimit);
  }
  return type === undefined && coding === undefined ? 0 : bodyLimit;
}
