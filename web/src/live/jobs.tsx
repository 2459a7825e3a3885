import { memo } from 'react';
import { hubUrl } from '../hub/url.js';
import { mayPublish } from '../session/rights.js';
import { useSession } from '../session/use-access.js';
import { Empty } from '../ui/card.js';
import { Command } from '../ui/command.js';
import { formatCount } from '../ui/format.js';
import type { Job } from './shapes.js';

const SIMULATED = 'progress';

/** The simulated job and every reported task, as bars. */
export function Jobs({ jobs }: { jobs: ReadonlyMap<string, Job> }) {
  const mayReport = mayPublish(useSession(), 'tasks.import');
  const tasks = [...jobs].filter(([stream]) => stream !== SIMULATED);
  const simulated = jobs.get(SIMULATED);
  return (
    <>
      <ul className="jobs">
        {simulated !== undefined && <JobBar name="Simulated job" job={simulated} />}
        {tasks.map(([stream, job]) => (
          <JobBar key={stream} name={stream.replace(/^tasks\./, '')} job={job} />
        ))}
      </ul>
      {tasks.length === 0 && (
        <Empty>
          <p>No task reports yet.{mayReport && ' Any program can report one:'}</p>
          {mayReport && <Command text={REPORT} label="command that reports a task" />}
        </Empty>
      )}
    </>
  );
}

const REPORT = `curl -X PUT -H 'content-type: application/json' -d '{"moved":3,"total":8}' ${hubUrl('tasks/import')}`;

const JobBar = memo(function JobBar({ name, job }: { name: string; job: Job }) {
  const { moved, total, percent, status, message } = job;
  return (
    <li data-status={status}>
      <div className="job-head">
        <span>{name}</span>
        <span className="muted">
          {status === 'running' ? '' : `${status} · `}
          {formatCount(moved)} of {formatCount(total)} · {percent} %
        </span>
      </div>
      <progress max={total} value={moved} aria-label={`${name}, ${status}`} />
      {message !== undefined && <p className="job-message">{message}</p>}
    </li>
  );
});
