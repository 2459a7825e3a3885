import { memo } from 'react';
import type { Received } from '../connection/use-connection.js';
import { formatTime } from '../ui/format.js';

interface EventRowProps {
  readonly event: Received;
  /** A word beside the type, such as that it was caught up. */
  readonly mark?: string;
}

/** An event: when, of what type, and its data. */
export const EventRow = memo(function EventRow({ event, mark }: EventRowProps) {
  const { time = event.at, type, stream, data, id } = event;
  return (
    <li className="event" data-mark={mark} title={`id ${id}`}>
      <div className="event-head">
        <time dateTime={new Date(time).toISOString()}>{formatTime(time)}</time>
        <span className="type">{type}</span>
        {stream !== undefined && <span className="muted">{stream}</span>}
        {mark !== undefined && <span className="mark">{mark}</span>}
      </div>
      <pre>{typeof data === 'string' ? data : JSON.stringify(data, undefined, 2)}</pre>
    </li>
  );
});
