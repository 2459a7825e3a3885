import { ConnectionStatus } from '../connection/connection-status.js';
import { describeResume } from '../hub/words.js';
import { mayPublish, maySubscribe } from '../session/rights.js';
import { useSession } from '../session/use-access.js';
import { EventRow } from '../streams/event-row.js';
import { Action } from '../ui/action.js';
import { Card, Empty } from '../ui/card.js';
import { plural } from '../ui/format.js';
import { Outcome } from '../ui/outcome.js';
import { ScrollList } from '../ui/scroll-list.js';
import { useTask } from '../ui/use-task.js';
import type { Entry, ResumeState } from './resume-state.js';
import { STREAM, toForeign, useResumeDemo } from './use-resume-demo.js';

/** Cut a connection, publish, bring it back: exactly what was missed, or the gap and why. */
export function ResumeView() {
  const session = useSession();
  return mayPublish(session, STREAM) && maySubscribe(session, STREAM) ? (
    <Demo />
  ) : (
    <Empty>
      This shows a watcher that is cut off while events are published. It needs to watch and publish to {STREAM}, which
      your access does not include.
    </Empty>
  );
}

function Demo() {
  const { demo, link, retry, isCut, cut, publishNext, purgeAll, bringBack } = useResumeDemo();
  const [outcome, run] = useTask();
  return (
    <div className="resume">
      <Card title="Cut it, publish, bring it back">
        <p className="muted">
          Every event carries a cursor. A watcher that comes back with its last one gets exactly what it missed, or is
          told of the gap and why. This one watches the stream <code>{STREAM}</code>.
        </p>
        <ol className="steps">
          <li>
            <Action className="primary" isOff={isCut} onClick={cut}>
              Cut the connection
            </Action>
          </li>
          <li>
            <button type="button" onClick={() => run(publishNext)}>
              Publish an event
            </button>
            <span className="muted">{isCut && `${demo.missed} published while it is away`}</span>
          </li>
          <li>
            <Action className="primary" isOff={!isCut} onClick={() => run(() => bringBack())}>
              Bring it back
            </Action>
          </li>
        </ol>
        <h3>Or make a gap</h3>
        <div className="toolbar">
          <Action isOff={!isCut} onClick={() => run(purgeAll)}>
            Purge the history
          </Action>
          <Action isOff={!isCut} onClick={() => run(() => bringBack(toForeign))}>
            Bring it back with the cursor of another log
          </Action>
        </div>
        <Outcome of={outcome} />
      </Card>
      <Card title="What the watcher sees" aside={<span className="muted">newest first</span>}>
        <ConnectionStatus link={link} onRetry={retry} />
        <Summary demo={demo} isCut={isCut} />
        {demo.entries.length === 0 ? (
          <Empty>Nothing yet.</Empty>
        ) : (
          <ScrollList className="events story" label="What the watcher sees, newest first">
            {demo.entries.map((entry) => (
              <Line key={entry.key} entry={entry} />
            ))}
          </ScrollList>
        )}
      </Card>
    </div>
  );
}

function Summary({ demo: { missed, caughtUp, entries }, isCut }: { demo: ResumeState; isCut: boolean }) {
  const wasCut = entries.some(({ kind }) => kind === 'cut');
  if (isCut || !wasCut) {
    return <p className="muted">{isCut ? 'Away: nothing reaches it.' : 'Events appear as they are published.'}</p>;
  }
  return (
    <p data-testid="caught-up">{`${plural(caughtUp, 'event')} caught up, ${missed} published from here while away.`}</p>
  );
}

function Line({ entry }: { entry: Entry }) {
  switch (entry.kind) {
    case 'event':
      return <EventRow event={entry.event} {...(entry.isCaughtUp && { mark: 'caught up' })} />;
    case 'cut':
      return <li className="note">Connection cut</li>;
    case 'resume':
      return (
        <li className="note" data-resume={entry.resume.resume}>
          {describeResume(entry.resume)}
        </li>
      );
  }
}
