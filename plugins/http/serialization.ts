import fp from 'fastify-plugin';

/**
 * Replies under the prefix are sent as they are, whatever the host does with its own. By the schemas, which describe
 * ours, a reply of the host's hooks could not be serialized, and would end in a 500. They end with a line feed, for terminals.
 */
export default fp(
  async (app) => {
    app.setReplySerializer((payload) => `${JSON.stringify(payload)}\n`);
    // The start compiles our schemas all the same, and the compiler of a host may know only its own kind (zod).
    app.setSerializerCompiler(() => JSON.stringify);
  },
  { name: 'sluice-serialization' },
);
