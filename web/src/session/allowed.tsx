import type { ReactNode } from 'react';
import { Empty } from '../ui/card.js';
import { allowedOf } from './rights.js';
import { isSignedIn } from './session.js';
import { useSession } from './use-access.js';

/** Shows what is inside to whoever may watch one of the streams. */
export function Allowed({ streams, children }: { streams: readonly string[]; children: ReactNode }) {
  const session = useSession();
  if (allowedOf(session, streams).length > 0) {
    return children;
  }
  const names = streams.join(' or ');
  return <Empty>{isSignedIn(session) ? `Your access does not include ${names}.` : `Sign in to see ${names}.`}</Empty>;
}
