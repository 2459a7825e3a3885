import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import t from 'tap';
import { build } from '../support/build.js';
import { codeIn, readDoc, tableUnder } from './markdown.js';
import { startServer } from './processes.js';

const operations = readDoc('docs/operations.md');
const PINO_FIELDS = new Set(['level', 'time', 'pid', 'hostname', 'msg', 'reqId', 'event']);

t.test('the metrics table lists exactly what /metrics gives', async (t) => {
  const { app } = await build(t);
  const { body } = await app.inject('/metrics');
  const given = [...body.matchAll(/^# TYPE (\w+) (\w+)$/gm)].map(([, name, type]) => `${name} ${type}`);
  const listed = tableUnder(operations, '## Metrics').map(([name, type]) => `${codeIn(name)[0]} ${type}`);
  t.strictSame(listed.sort(), given.sort());
});

t.test('the reasons of a disconnect are exactly those that are counted', async (t) => {
  const { app } = await build(t);
  const listed = tableUnder(operations, '`reason` is one of:');
  t.strictSame(listed.map(([reason]) => codeIn(reason)[0]).sort(), Object.keys(app.streams.closed).sort());
});

t.test('each log line has exactly the documented fields', async (t) => {
  const { url, running } = await startServer({ MAX_CONNECTIONS: '1', LOG_LEVEL: 'debug' });
  const watcher = await watch(`${url}/sse/a`, { 'last-event-id': 'none' });
  const refused = await watch(`${url}/sse/b`);
  refused.resume();
  await once(refused, 'end');
  await fetch(`${url}/sse/a`, { method: 'POST', headers: { 'content-type': 'text/plain' }, body: 'hello' });
  await fetch(`${url}/sse/a`, { method: 'DELETE' });
  watcher.resume();
  await Promise.all([running.stop(), once(watcher, 'end')]);

  const lines = running.output.split('\n').filter((line) => line.includes('"event":"'));
  const seen = new Map(lines.map((line) => JSON.parse(line)).map((line) => [line.event, line]));
  t.strictSame([...seen.keys()].sort(), [
    'connect',
    'disconnect',
    'publish',
    'purge',
    'refuse',
    'start',
    'stop',
    'stopped',
  ]);
  const documented = new Map(
    tableUnder(operations, '## Log lines').map(([event, , fields]) => [codeIn(event)[0], codeIn(fields)]),
  );
  for (const [event, line] of seen) {
    const fields = Object.keys(line).filter((field) => !PINO_FIELDS.has(field));
    t.strictSame(
      fields.sort(),
      documented
        .get(event)
        ?.map((field) => field.replace('?', ''))
        .sort(),
      event,
    );
  }
});

async function watch(url: string, headers = {}): Promise<IncomingMessage> {
  const [response] = await once(get(url, { headers }), 'response');
  return response;
}
