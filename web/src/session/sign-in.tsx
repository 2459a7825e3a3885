import { type FormEvent, useEffect, useId, useRef, useState } from 'react';
import { describeSignIn } from '../hub/words.js';
import { Card } from '../ui/card.js';
import { focusMain } from '../ui/focus.js';
import { Outcome } from '../ui/outcome.js';
import { useTask } from '../ui/use-task.js';
import { access } from './access.js';

interface SignInProps {
  /** Why it is there. */
  readonly reason: string;
  /** Whether the user has asked for it, so that typing can begin. */
  readonly isAsked: boolean;
  /** What leads past it, if anything does. */
  readonly onDismiss?: (() => void) | undefined;
  readonly dismissal?: string;
}

/** Asks for a key or token. It goes to the server once and is kept nowhere on this page. */
export function SignIn({ reason, isAsked, onDismiss, dismissal = 'Not now' }: SignInProps) {
  const [credential, setCredential] = useState('');
  const [outcome, run] = useTask(describeSignIn);
  const input = useRef<HTMLInputElement>(null);
  const id = useId();
  const isBad = outcome?.tone === 'bad';

  useEffect(() => {
    if (isAsked) {
      input.current?.focus();
    }
  }, [isAsked]);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const isIn = await run(async () => {
      await access.signIn(credential.trim());
      return 'Signed in.';
    });
    if (isIn) {
      focusMain();
    } else {
      input.current?.select();
    }
  };

  const dismiss = () => {
    focusMain();
    onDismiss?.();
  };

  return (
    <Card title="Sign in" className="sign-in">
      <p id={`${id}-reason`} role={isAsked ? undefined : 'alert'}>
        {reason}
      </p>
      <form onSubmit={submit}>
        <label>
          API key or token
          <input
            ref={input}
            required
            type="password"
            name="credential"
            autoComplete="current-password"
            autoCapitalize="off"
            spellCheck={false}
            value={credential}
            aria-invalid={isBad}
            aria-describedby={`${id}-reason ${id}-outcome`}
            onChange={(event) => setCredential(event.target.value)}
          />
        </label>
        <div className="toolbar">
          <button type="submit" className="primary" disabled={outcome?.tone === 'busy'}>
            Sign in
          </button>
          {onDismiss !== undefined && (
            <button type="button" onClick={dismiss}>
              {dismissal}
            </button>
          )}
        </div>
        <Outcome of={outcome} id={`${id}-outcome`} />
      </form>
      <p className="hint">It stays in a cookie that no script can read, and nowhere else. Signing out removes it.</p>
    </Card>
  );
}
