import { type FormEvent, useState } from 'react';
import { type Level, notify } from '../hub/requests.js';
import { plural } from '../ui/format.js';
import { Outcome } from '../ui/outcome.js';
import { useTask } from '../ui/use-task.js';

const LEVELS: readonly Level[] = ['info', 'success', 'warning', 'error'];

/** Sends a notification to everyone who watches. */
export function NotifyForm() {
  const [message, setMessage] = useState('');
  const [title, setTitle] = useState('');
  const [level, setLevel] = useState<Level>('info');
  const [outcome, run] = useTask();

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const isSent = await run(async () => {
      const count = await notify({ message, level, ...(title !== '' && { title }) });
      return `Sent to ${plural(count, 'watcher')}.`;
    });
    if (isSent) {
      setMessage('');
      setTitle('');
    }
  };

  return (
    <form className="form" onSubmit={submit}>
      <label className="wide">
        Message
        <input required value={message} onChange={(event) => setMessage(event.target.value)} />
      </label>
      <label>
        Title
        <input
          value={title}
          maxLength={256}
          placeholder="optional"
          onChange={(event) => setTitle(event.target.value)}
        />
      </label>
      <label>
        Level
        <select value={level} onChange={(event) => setLevel(event.target.value as Level)}>
          {LEVELS.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
      <button type="submit">Notify</button>
      <Outcome of={outcome} />
    </form>
  );
}
