import { useState } from 'react';

/** A shell command with a button that copies it. */
export function Command({ text, label }: { text: string; label: string }) {
  const [said, setSaid] = useState('Copy');
  // The clipboard is there on https and loopback only; elsewhere the text can still be selected.
  const copy = async () => {
    const isCopied = await navigator.clipboard?.writeText(text).then(
      () => true,
      () => false,
    );
    setSaid(isCopied ? 'Copied' : 'Select it to copy');
    setTimeout(() => setSaid('Copy'), 2000);
  };
  return (
    <div className="command">
      <code>{text}</code>
      <button type="button" className="quiet" onClick={copy} aria-label={`${said}: ${label}`}>
        {said}
      </button>
    </div>
  );
}
