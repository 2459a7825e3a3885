import { type FormEvent, useState } from 'react';
import { publishAs } from '../hub/requests.js';
import { publishCommand } from '../hub/url.js';
import { Command } from '../ui/command.js';
import { plural } from '../ui/format.js';
import { Outcome } from '../ui/outcome.js';
import { useTask } from '../ui/use-task.js';

/** Publishes to a stream: JSON, or anything else as a text. */
export function PublishForm({ stream }: { stream: string }) {
  const [type, setType] = useState('');
  const [text, setText] = useState('{"hello": "world"}');
  const [outcome, run] = useTask();
  const isJson = isValidJson(text);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    run(async () => {
      const count = await publishAs(isJson ? 'application/json' : 'text/plain', stream, type, text);
      return `Published to ${stream}, ${plural(count, 'watcher')}.`;
    });
  };

  return (
    <form className="form" onSubmit={submit}>
      <label className="wide">
        Data
        <textarea required rows={3} spellCheck={false} value={text} onChange={(event) => setText(event.target.value)} />
      </label>
      <p className="hint wide">{isJson ? 'Sent as JSON.' : 'Not JSON: sent as text.'}</p>
      <label className="two">
        Type
        <input value={type} placeholder="message" onChange={(event) => setType(event.target.value)} />
      </label>
      <button type="submit">Publish</button>
      <Outcome of={outcome} />
      <div className="wide">
        <Command
          text={publishCommand(stream, type, isJson ? text : JSON.stringify(text))}
          label="this as a curl command"
        />
      </div>
    </form>
  );
}

function isValidJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
