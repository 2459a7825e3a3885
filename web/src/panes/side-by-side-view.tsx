import { type FormEvent, useReducer, useState } from 'react';
import { isMultiplexed } from '../hub/transport.js';
import { STREAM_PATTERN } from '../hub/url.js';
import { maySubscribe } from '../session/rights.js';
import type { Session } from '../session/session.js';
import { useSession } from '../session/use-access.js';
import { Action } from '../ui/action.js';
import { Card, Empty } from '../ui/card.js';
import { plural } from '../ui/format.js';
import { judge } from './judge.js';
import { Pane } from './pane.js';
import { openPanes, type PaneState, reducePanes } from './panes-state.js';

/** Over HTTP/1.1 a browser opens six connections to a server: four to watch leave two for everything else. */
const MAX_PANES = isMultiplexed() ? 30 : 4;
const FULL = isMultiplexed()
  ? 'Thirty at most: more is hard to look at.'
  : 'Four at most: over HTTP/1.1 a browser opens six connections to a server.';
const BEGINNING = ['test1', 'test1', 'test2'];

/** Several watchers of the same or different streams, each with a connection of its own. */
export function SideBySideView() {
  const session = useSession();
  const [panes, dispatch] = useReducer(reducePanes, session, openFirst);
  const judgements = judge(panes);
  return (
    <>
      <Card title="Same stream, same events">
        <p className="muted">
          Each pane is a connection of its own. Panes of one stream see the same events in the same order: from where
          the last of them came in, their counts and checksums are equal. Panes of different streams have nothing in
          common. Publish to their streams to see it, or have the demo streams on.
        </p>
        <AddForm isFull={panes.length >= MAX_PANES} onAdd={(stream) => dispatch({ type: 'add', stream })} />
        <p role="status">{summarise(panes)}</p>
      </Card>
      {panes.length === 0 && <Empty>No panes. Type a stream id above and add one.</Empty>}
      <div className="panes">
        {panes.map((pane) => (
          <Pane key={pane.key} pane={pane} judgement={judgements.get(pane.key)} dispatch={dispatch} />
        ))}
      </div>
    </>
  );
}

function openFirst(session: Session): readonly PaneState[] {
  return openPanes(BEGINNING.filter((stream) => maySubscribe(session, stream)));
}

function AddForm({ isFull, onAdd }: { isFull: boolean; onAdd: (stream: string) => void }) {
  const [stream, setStream] = useState('test1');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!isFull) {
      onAdd(stream);
    }
  };
  return (
    <form className="toolbar" onSubmit={submit}>
      <label>
        Stream id
        <input
          required
          value={stream}
          pattern={STREAM_PATTERN}
          title="At most 128 letters, digits, . _ : and -, beginning with a letter or digit"
          onChange={(event) => setStream(event.target.value)}
        />
      </label>
      <Action type="submit" className="primary" isOff={isFull}>
        Add pane
      </Action>
      {isFull && <p className="hint">{FULL}</p>}
    </form>
  );
}

function summarise(panes: readonly PaneState[]): string {
  const streams = new Set(panes.map(({ stream }) => stream));
  return `${plural(panes.length, 'pane')}, ${plural(streams.size, 'stream')}.`;
}
