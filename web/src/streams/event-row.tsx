import { memo } from 'react';
import type { Received } from '../connection/link.js';
import { formatTime } from '../ui/format.js';

/** Characters that stay on one line. */
const ONE_LINE = 60;

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
      <pre>{pretty(data)}</pre>
    </li>
  );
});

/** Text as it is; JSON indented unless it is short. */
function pretty(data: unknown): string {
  if (typeof data === 'string') {
    return data;
  }
  const lines = JSON.stringify(data, undefined, 2);
  const line = lines.replace(/\n */g, ' ');
  return line.length <= ONE_LINE ? line : lines;
}
