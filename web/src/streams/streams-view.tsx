import { type FormEvent, useEffect, useMemo, useState } from 'react';
import { isStream, watchUrl } from '../hub/url.js';
import { mayPublish } from '../session/rights.js';
import { useSession } from '../session/use-access.js';
import { Action } from '../ui/action.js';
import { Card, Empty } from '../ui/card.js';
import { linkTo } from '../ui/route.js';
import { KnownStreams } from './known-streams.js';
import { PublishForm } from './publish-form.js';
import { StreamWatcher } from './stream-watcher.js';

/** Watch a stream by its id, publish to it, and see all there are. */
export function StreamsView({ selection }: { selection: string }) {
  const session = useSession();
  const [isConnected, setConnected] = useState(true);
  useEffect(() => setConnected(selection !== ''), [selection]);
  const source = useMemo(() => {
    return isConnected && selection !== '' ? { url: watchUrl(selection) } : undefined;
  }, [selection, isConnected]);
  return (
    <div className="streams">
      <Card title="Watch a stream">
        <SelectionForm
          selection={selection}
          isConnected={source !== undefined}
          onConnect={() => setConnected(true)}
          onDisconnect={() => setConnected(false)}
        />
        {selection === '' ? (
          <Empty>
            <p>
              Any id will do. With demo streams on, one that nobody publishes to has a random number every ten seconds.
              A pattern such as <code>tasks.*</code> or a list such as <code>stock,clock</code> works too.
            </p>
          </Empty>
        ) : (
          <StreamWatcher key={selection} selection={selection} source={source} />
        )}
      </Card>
      <div className="column">
        {isStream(selection) && mayPublish(session, selection) && (
          <Card title={`Publish to ${selection}`}>
            <PublishForm key={selection} stream={selection} />
          </Card>
        )}
        {session.subscribe.length > 0 && (
          <Card title="Known streams">
            <KnownStreams />
          </Card>
        )}
      </div>
    </div>
  );
}

interface SelectionFormProps {
  readonly selection: string;
  readonly isConnected: boolean;
  readonly onConnect: () => void;
  readonly onDisconnect: () => void;
}

function SelectionForm({ selection, isConnected, onConnect, onDisconnect }: SelectionFormProps) {
  const [text, setText] = useState(selection);
  useEffect(() => setText(selection), [selection]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    location.hash = linkTo('streams', text.trim().replace(/\s*,\s*/g, ','));
    onConnect();
  };
  return (
    <form className="toolbar" onSubmit={submit}>
      <label className="grow">
        Stream id
        <input
          required
          value={text}
          placeholder="orders"
          autoCapitalize="off"
          spellCheck={false}
          onChange={(event) => setText(event.target.value)}
        />
      </label>
      <Action type="submit" className="primary" isOff={isConnected && text.trim() === selection}>
        Connect
      </Action>
      <Action isOff={!isConnected} onClick={onDisconnect}>
        Disconnect
      </Action>
    </form>
  );
}
