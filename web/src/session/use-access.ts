import { useSyncExternalStore } from 'react';
import { type Access, access } from './access.js';
import { type Session, UNKNOWN } from './session.js';

/** Who is signed in, and what becomes of it; follows each change. */
export function useAccess(): Access {
  return useSyncExternalStore(access.subscribe, access.get);
}

/** What may be watched and published. */
export function useSession(): Session {
  return useAccess().session ?? UNKNOWN;
}
