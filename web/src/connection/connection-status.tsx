import { type MouseEvent, useEffect, useState } from 'react';
import { isMultiplexed } from '../hub/transport.js';
import { describeLink, describeResume } from '../hub/words.js';
import { access } from '../session/access.js';
import { useSession } from '../session/use-access.js';
import type { Link } from './link.js';

const TICK_MS = 1000;
const PATIENCE_MS = 5000;
const CROWDED = isMultiplexed()
  ? 'Still no answer.'
  : 'Still no answer. Over HTTP/1.1 a browser opens six connections to a server at most: close other tabs that watch it.';

/** A connection in words: its state, the verdict, and what happens next. */
export function ConnectionStatus({ link, onRetry }: { link: Link; onRetry: () => void }) {
  const canSignIn = useSession().mode === 'on';
  const { tone, title, next } = describeLink(link, canSignIn);
  return (
    <div
      className="status"
      data-tone={tone}
      data-status={link.state.status}
      data-resume={link.resume?.resume}
      tabIndex={-1}
    >
      <p role="status">
        <strong>
          <span className="dot" aria-hidden="true" />
          {title}
        </strong>
        {link.resume !== undefined && link.state.status === 'open' && (
          <span className={link.resume.resume === 'gap' ? 'verdict bad' : 'verdict'}>
            {describeResume(link.resume)}
          </span>
        )}
        {next !== undefined && <span>{next}</span>}
      </p>
      <Patience link={link} />
      <Remedy link={link} canSignIn={canSignIn} onRetry={onRetry} />
    </div>
  );
}

interface RemedyProps {
  readonly link: Link;
  readonly canSignIn: boolean;
  readonly onRetry: () => void;
}

/** What the user can do about a connection that is not there. */
function Remedy({ link, canSignIn, onRetry }: RemedyProps) {
  if (canSignIn && isAskedWho(link)) {
    return (
      <button type="button" onClick={() => access.ask(true)}>
        Sign in
      </button>
    );
  }
  // The button goes with the click: the focus stays beside it.
  const retry = ({ currentTarget }: MouseEvent<HTMLElement>) => {
    currentTarget.parentElement?.focus();
    onRetry();
  };
  return isStopped(link) ? (
    <button type="button" onClick={retry}>
      Try again
    </button>
  ) : null;
}

function isStopped({ state: { status } }: Link): boolean {
  return status === 'waiting' || status === 'closed';
}

function isAskedWho({ state }: Link): boolean {
  return state.status === 'closed' && state.error?.status === 401;
}

/** What changes with time; not announced, as it would be each second. */
function Patience({ link: { state, since } }: { link: Link }) {
  const now = useNow(state.status === 'waiting' || state.status === 'connecting');
  if (state.status === 'waiting') {
    const seconds = Math.max(0, Math.ceil((since + state.delayMs - now) / 1000));
    return <p className="muted">Trying again in {seconds} s.</p>;
  }
  return state.status === 'connecting' && now - since > PATIENCE_MS ? <p className="muted">{CROWDED}</p> : null;
}

function useNow(isNeeded: boolean): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (isNeeded) {
      setNow(Date.now());
      const timer = setInterval(() => setNow(Date.now()), TICK_MS);
      return () => clearInterval(timer);
    }
    return undefined;
  }, [isNeeded]);
  return now;
}
