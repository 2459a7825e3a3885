import type { SluiceError } from '../errors.js';
import { forbidden, unauthorized } from './errors.js';
import { isAnonymous, type Principal } from './principal.js';
import { isEverything } from './rights.js';

/**
 * What a route needs of whoever asks:
 * - `public`: nothing; credentials are not looked at
 * - `anyone`: nothing, but a credential that comes must hold
 * - `publish`, `subscribe`: that right on some stream; on which one the route asks itself
 * - `subscribe-all`: the right to subscribe on `*`
 */
export type Requirement = 'public' | 'anyone' | 'publish' | 'subscribe' | 'subscribe-all';

/** @throws SluiceError 401 or 403 unless the principal meets the requirement */
export function authorize(requirement: Requirement, principal: Principal): void {
  const problem = problemOf(requirement, principal);
  if (problem !== undefined) {
    throw asClientError(principal, problem);
  }
}

/** What is missing, as the principal is told: who has not signed in learns to do that first. */
export function asClientError(principal: Principal, problem: SluiceError): SluiceError {
  return isAnonymous(principal)
    ? unauthorized(`${problem.message}; send an API key or token as Authorization: Bearer`)
    : problem;
}

function problemOf(requirement: Requirement, { rights }: Principal): SluiceError | undefined {
  switch (requirement) {
    case 'publish':
    case 'subscribe':
      return rights[requirement].key === '' ? forbidden(requirement, 'any stream') : undefined;
    case 'subscribe-all':
      return isEverything(rights.subscribe) ? undefined : forbidden('subscribe', '*');
    default:
      return undefined;
  }
}
