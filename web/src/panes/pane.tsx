import { useCallback, useMemo } from 'react';
import { ConnectionStatus } from '../connection/connection-status.js';
import type { Received } from '../connection/link.js';
import { useConnection } from '../connection/use-connection.js';
import { watchUrl } from '../hub/url.js';
import { EventRow } from '../streams/event-row.js';
import { Card, Empty } from '../ui/card.js';
import { focusMain } from '../ui/focus.js';
import { plural } from '../ui/format.js';
import { ScrollList } from '../ui/scroll-list.js';
import type { Comparison } from './compare.js';
import type { Judgement } from './judge.js';
import type { PaneState, PanesAction } from './panes-state.js';

interface PaneProps {
  readonly pane: PaneState;
  readonly judgement: Judgement | undefined;
  /** Must be stable. */
  readonly dispatch: (action: PanesAction) => void;
}

const VERDICTS: Record<Comparison['verdict'], string> = {
  alone: 'no other pane of this stream',
  waiting: 'no event in common yet',
  equal: 'equal to the other panes of this stream',
  different: 'differs from another pane of this stream',
};

const UNSEEN: Judgement = { verdict: 'waiting', tally: { count: 0, checksum: '' } };

/** One watcher with a connection of its own. */
export function Pane({ pane, judgement = UNSEEN, dispatch }: PaneProps) {
  const { key, stream, events } = pane;
  const { verdict, tally } = judgement;
  const source = useMemo(() => ({ url: watchUrl(stream) }), [stream]);
  const add = useCallback((batch: readonly Received[]) => dispatch({ type: 'batch', key, batch }), [dispatch, key]);
  const { link, retry } = useConnection(source, add);
  const leave = () => {
    focusMain();
    dispatch({ type: 'remove', key });
  };
  const remove = (
    <button type="button" className="quiet" onClick={leave}>
      Remove<span className="visually-hidden"> pane {key}</span>
    </button>
  );
  return (
    <Card title={`${key}: ${stream}`} className="pane" aside={remove}>
      <ConnectionStatus link={link} onRetry={retry} />
      <p className="tally" data-verdict={verdict}>
        {plural(tally.count, 'event')}, checksum <code>{tally.checksum}</code>
        <span>{VERDICTS[verdict]}</span>
      </p>
      {events.length === 0 ? (
        <Empty>Waiting for the first event.</Empty>
      ) : (
        <ScrollList className="events" label={`Events of pane ${key}, newest first`}>
          {events.map((event) => (
            <EventRow key={event.key} event={event} />
          ))}
        </ScrollList>
      )}
    </Card>
  );
}
