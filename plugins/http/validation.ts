import AjvCompiler from '@fastify/ajv-compiler';
import fp from 'fastify-plugin';
import { describeViolation } from '../../src/schemas/violation.js';

/**
 * Validation under the prefix does not depend on the host's: bodies are taken as they are, without coercion or removal
 * of what is not known; only a query, which is text by nature, becomes numbers where the schema asks for them.
 */
export default fp(
  async (app) => {
    const compile = (coerceTypes: boolean) =>
      AjvCompiler()(
        {},
        { customOptions: { coerceTypes, removeAdditional: false, useDefaults: true, allErrors: false, verbose: true } },
      );
    const strict = compile(false);
    const coercing = compile(true);
    app.setValidatorCompiler((route) => (route.httpPart === 'querystring' ? coercing(route) : strict(route)));
    app.setSchemaErrorFormatter((violations, place) => new Error(describeViolation(violations, place)));
  },
  { name: 'sluice-validation' },
);
