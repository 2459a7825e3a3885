import { RequestError, request } from '../hub/requests.js';
import type { Rights } from './rights.js';

/** Who the server takes this page for, and what that allows. */
export interface Session extends Rights {
  /** `on`: whoever wants more than what is public signs in. Otherwise nobody has to. */
  readonly mode: 'local' | 'off' | 'on';
  readonly principal: string;
  /** When it ends, epoch milliseconds; absent when it does not end by itself. */
  readonly expires?: number;
}

/** Of a server that does not say: it tells by each answer what it allows. */
export const UNKNOWN: Session = { mode: 'off', principal: 'anonymous', publish: ['*'], subscribe: ['*'] };

export const NOBODY: Session = { mode: 'on', principal: 'anonymous', publish: [], subscribe: [] };

/** A cookie that does not hold any more is cleared: with it, not even what is public would be answered. */
export async function readSession(): Promise<Session> {
  try {
    return await request<Session>('session');
  } catch (error) {
    if ((error as RequestError).status !== 401) {
      throw error;
    }
    await signOut();
    return request<Session>('session');
  }
}

/** What can be in a header; everything else has come along with copying. */
const CREDENTIAL = /^[\x21-\x7e]+$/;

/** Has the server keep the credential in a cookie that no script can read. @throws RequestError */
export async function signIn(credential: string): Promise<void> {
  if (!CREDENTIAL.test(credential)) {
    throw new RequestError('it has characters that no key or token has: copy it again', 401);
  }
  await request('session', { method: 'POST', headers: { authorization: `Bearer ${credential}` } });
}

export async function signOut(): Promise<void> {
  await request('session', { method: 'DELETE' });
}

export function isSignedIn({ mode, principal }: Session): boolean {
  return mode === 'on' && principal !== 'anonymous';
}
