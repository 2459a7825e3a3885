import type { FocusEvent, KeyboardEvent } from 'react';
import { formatDate } from '../ui/format.js';
import { Outcome } from '../ui/outcome.js';
import { useTask } from '../ui/use-task.js';
import { access } from './access.js';
import { isSignedIn, type Session } from './session.js';
import { useAccess } from './use-access.js';

/** Who is signed in, with the way in or out. Not there where nobody has to sign in. */
export function Account() {
  const { session } = useAccess();
  if (session?.mode !== 'on') {
    return null;
  }
  return isSignedIn(session) ? <Details session={session} /> : <Visitor session={session} />;
}

/** Where nothing is public the form is there anyway. */
function Visitor({ session: { subscribe } }: { session: Session }) {
  return subscribe.length === 0 ? null : (
    <button type="button" className="account" onClick={() => access.ask(true)}>
      Sign in
    </button>
  );
}

function Details({ session: { principal, publish, subscribe, expires } }: { session: Session }) {
  const [outcome, run] = useTask();
  const leave = () => run(() => access.signOut().then(() => ''));
  return (
    <details className="account" onBlur={closeBehind} onKeyDown={closeOnEscape}>
      <summary>
        <span className="visually-hidden">Signed in as </span>
        {principal}
      </summary>
      <div className="card" tabIndex={-1}>
        <dl>
          <dt>Signed in as</dt>
          <dd>{principal}</dd>
          <dt>May watch</dt>
          <dd>{list(subscribe)}</dd>
          <dt>May publish to</dt>
          <dd>{list(publish)}</dd>
          {expires !== undefined && (
            <>
              <dt>Until</dt>
              <dd>{formatDate(expires)}</dd>
            </>
          )}
        </dl>
        <button type="button" onClick={leave}>
          Sign out
        </button>
        <Outcome of={outcome} />
      </div>
    </details>
  );
}

function closeBehind({ currentTarget, relatedTarget }: FocusEvent<HTMLDetailsElement>): void {
  if (!currentTarget.contains(relatedTarget)) {
    currentTarget.open = false;
  }
}

function closeOnEscape({ currentTarget, key }: KeyboardEvent<HTMLDetailsElement>): void {
  if (key === 'Escape') {
    currentTarget.open = false;
    currentTarget.querySelector('summary')?.focus();
  }
}

function list(items: readonly string[]): string {
  return items.length === 0 ? 'nothing' : items.map((item) => (item === '*' ? 'every stream' : item)).join(', ');
}
