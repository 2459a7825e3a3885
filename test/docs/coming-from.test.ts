import t from 'tap';
import { tryExamples } from './examples.js';
import { readDoc } from './markdown.js';
import { startServer } from './processes.js';

t.test('every curl command for those who come from another server works, and shows what the page says', async (t) => {
  const server = await startServer();
  t.teardown(() => server.running.stop());
  t.ok((await tryExamples(t, readDoc('docs/coming-from.md'), server)) > 5, 'the commands were found');
});
