import { useCallback, useReducer, useState } from 'react';
import { ConnectionStatus } from '../connection/connection-status.js';
import type { Received } from '../connection/link.js';
import { type Source, useConnection } from '../connection/use-connection.js';
import { isStream, watchCommand } from '../hub/url.js';
import { mayPublish } from '../session/rights.js';
import { useSession } from '../session/use-access.js';
import { Empty } from '../ui/card.js';
import { Command } from '../ui/command.js';
import { formatCount, plural } from '../ui/format.js';
import { ScrollList } from '../ui/scroll-list.js';
import { EMPTY, type EventLogState, filterEvents, MAX_EVENTS, reduceEventLog } from './event-log-state.js';
import { EventRow } from './event-row.js';

interface StreamWatcherProps {
  readonly selection: string;
  /** Undefined while disconnected; what came stays on screen. */
  readonly source: Source | undefined;
}

/** The events of a stream as they come. */
export function StreamWatcher({ selection, source }: StreamWatcherProps) {
  const [log, dispatch] = useReducer(reduceEventLog, EMPTY);
  const [filter, setFilter] = useState('');
  const add = useCallback((batch: readonly Received[]) => dispatch({ type: 'batch', batch }), []);
  const { link, retry } = useConnection(source, add);
  const mayAdd = mayPublish(useSession(), selection) && isStream(selection);
  const shown = filterEvents(log.paused ?? log.events, filter);
  return (
    <>
      <ConnectionStatus link={link} onRetry={retry} />
      <Command text={watchCommand(selection)} label="this stream as a curl command" />
      <div className="toolbar">
        <label className="grow">
          <span className="visually-hidden">Filter</span>
          <input
            type="search"
            placeholder="Filter by type or content"
            value={filter}
            onChange={(event) => setFilter(event.target.value)}
          />
        </label>
        <button
          type="button"
          aria-pressed={log.paused !== undefined}
          onClick={() => dispatch({ type: 'toggle-pause' })}
        >
          {log.paused === undefined ? 'Pause' : 'Go on'}
        </button>
        <button type="button" onClick={() => dispatch({ type: 'clear' })}>
          Clear
        </button>
      </div>
      <p className="muted" data-testid="counts">
        {describe(log, shown.length)}
      </p>
      {shown.length === 0 ? (
        <Empty>
          {log.events.length > 0 ? 'Nothing on screen matches.' : 'No events since it was connected.'}
          {log.events.length === 0 && mayAdd && ' Publish one to see it here.'}
        </Empty>
      ) : (
        <ScrollList className="events" label="Events, newest first">
          {shown.map((event) => (
            <EventRow key={event.key} event={event} />
          ))}
        </ScrollList>
      )}
    </>
  );
}

function describe({ total, paused, waiting }: EventLogState, shown: number): string {
  const kept = total > MAX_EVENTS ? `, the newest ${MAX_EVENTS} kept` : '';
  const more = paused === undefined ? '' : `, paused, ${formatCount(waiting)} more since`;
  return `${plural(total, 'event')}${kept}, ${shown} shown${more}`;
}
