import { memo } from 'react';
import type { Received } from '../connection/link.js';
import { formatTime } from '../ui/format.js';
import { EventData } from './event-data.js';
import { shownText } from './event-text.js';

interface EventRowProps {
  readonly event: Received;
  /** A word beside the type, such as that it was caught up. */
  readonly mark?: string;
}

/** An event: when, of what type, and its data. */
export const EventRow = memo(function EventRow({ event, mark }: EventRowProps) {
  const { time = event.at, type, stream, id } = event;
  return (
    <li className="event" data-mark={mark} title={`id ${id}`}>
      <div className="event-head">
        <time dateTime={new Date(time).toISOString()}>{formatTime(time)}</time>
        <span className="type">{type}</span>
        {stream !== undefined && <span className="muted">{stream}</span>}
        {mark !== undefined && <span className="mark">{mark}</span>}
      </div>
      <EventData text={shownText(event)} />
    </li>
  );
});
