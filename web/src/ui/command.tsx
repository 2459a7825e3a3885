import { useState } from 'react';
import { withToken } from '../hub/url.js';
import { isSignedIn } from '../session/session.js';
import { useSession } from '../session/use-access.js';

const COPY = 'Copy';

/** A curl command with a button that copies it. */
export function Command({ text: command, label }: { text: string; label: string }) {
  const text = isSignedIn(useSession()) ? withToken(command) : command;
  const [said, setSaid] = useState(COPY);
  // The clipboard is there on https and loopback only; elsewhere the text can still be selected.
  const copy = async () => {
    const isCopied = await navigator.clipboard?.writeText(text).then(
      () => true,
      () => false,
    );
    setSaid(isCopied ? 'Copied' : 'Select it to copy');
    setTimeout(() => setSaid(COPY), 2000);
  };
  return (
    <div className="command">
      <code>{text}</code>
      <button type="button" className="quiet" onClick={copy} aria-label={`${said}: ${label}`}>
        {said}
      </button>
      <span className="visually-hidden" role="status">
        {said !== COPY && said}
      </span>
    </div>
  );
}
