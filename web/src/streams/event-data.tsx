import { useState } from 'react';
import { formatBytes } from '../ui/format.js';

/** Characters that are laid out without being asked for. */
const MAX_SHOWN = 4096;
/** From this many on, data may be higher than its place, and so must be reached by keyboard to scroll. */
const LONG = 300;

/** The data of an event; of a very long one the beginning, until all of it is wanted. */
export function EventData({ text }: { text: string }) {
  const [isWhole, setWhole] = useState(false);
  return (
    <>
      <pre {...(text.length >= LONG && { tabIndex: 0 })}>{isWhole ? text : text.slice(0, MAX_SHOWN)}</pre>
      {text.length > MAX_SHOWN && (
        <button type="button" className="quiet" onClick={() => setWhole(!isWhole)}>
          {isWhole ? 'Show the beginning only' : `Show all (${formatBytes(new Blob([text]).size)})`}
        </button>
      )}
    </>
  );
}
