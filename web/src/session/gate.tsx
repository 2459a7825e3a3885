import { type ReactNode, useEffect, useState } from 'react';
import { formatTime } from '../ui/format.js';
import { type Access, access } from './access.js';
import { isSignedIn } from './session.js';
import { SignIn } from './sign-in.js';
import { useAccess } from './use-access.js';

const CLOSED = 'This server asks for an API key or a token, to watch as well as to publish.';
const POWERLESS = 'What you have signed in with allows nothing here. Sign in with another key or token.';

const PATIENCE_MS = 1000;

/** Shows what is inside to whoever may watch anything, and the way in where it is wanted or needed. */
export function Gate({ children }: { children: ReactNode }) {
  const current = useAccess();
  const { session } = current;
  if (session === undefined) {
    return <Patience />;
  }
  if (session.mode === 'on' && session.subscribe.length + session.publish.length === 0) {
    return <SignIn reason={isSignedIn(session) ? POWERLESS : CLOSED} isAsked />;
  }
  return (
    <>
      <Way {...current} />
      {children}
    </>
  );
}

/** Silent at first, as the server mostly answers at once. */
function Patience() {
  const [isLate, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, []);
  return <p role="status">{isLate && 'Connecting…'}</p>;
}

function Way({ session, ending, isAsking }: Access) {
  if (ending?.instead !== undefined) {
    const isSomethingLeft = ending.instead.subscribe.length > 0;
    return (
      <SignIn
        reason={`Your access has ended. Sign in again as ${session?.principal}: what is on screen goes on exactly where it was.`}
        isAsked={false}
        onDismiss={isSomethingLeft ? () => access.goOnWithout() : undefined}
        dismissal="Go on with what is public"
      />
    );
  }
  if (ending !== undefined) {
    const reason = `Your access ends at ${formatTime(ending.expires)}. Sign in again as ${session?.principal}: nothing is lost either way.`;
    return <SignIn reason={reason} isAsked={false} />;
  }
  return isAsking ? (
    <SignIn reason="Sign in to watch or publish what is not public." isAsked onDismiss={() => access.ask(false)} />
  ) : null;
}
