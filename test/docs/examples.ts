import type { Test } from 'tap';
import { curlExamples, type Example, marksOf } from './markdown.js';
import { Running, type Server } from './processes.js';

/**
 * Runs every block of curl commands of a document, those that watch beside the others, and looks whether each shows
 * what the document says. Returns their number.
 */
export async function tryExamples(t: Test, markdown: string, server: Server, env = {}): Promise<number> {
  const examples = curlExamples(markdown);
  const watching = examples.filter(({ script }) => /^curl -N/m.test(script));
  const watchers = watching.map((example) => start(server, example, env));
  t.teardown(() => Promise.all(watchers.map((watcher) => watcher.stop())));
  await Promise.all(watchers.map((watcher) => watcher.until((output) => output.includes('"resume":'))));

  for (const example of examples.filter((each) => !watching.includes(each))) {
    const running = start(server, example, env);
    t.equal(await running.exitCode(), 0, example.script);
    t.strictSame(missing(example, running.output), [], 'shows what it is said to');
  }
  for (const [index, watcher] of watchers.entries()) {
    const example = watching[index] as Example;
    await watcher.until((output) => missing(example, output).length === 0);
    t.pass(example.script);
  }
  return examples.length;
}

function start({ url }: Server, { script }: Example, env: NodeJS.ProcessEnv): Running {
  return new Running('bash', ['-e', '-c', script.replaceAll('http://127.0.0.1:3000', url)], env);
}

function missing({ output }: Example, shown: string): string[] {
  return marksOf(output).filter((mark) => !marksOf(shown).includes(mark));
}
