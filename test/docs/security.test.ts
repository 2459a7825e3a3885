import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { tryExamples } from './examples.js';
import { readDoc, root } from './markdown.js';
import { startServer } from './processes.js';

/** The titles of the tests of a file; what a title is made up of is any text. */
function titlesIn(path: string): RegExp[] {
  const source = readFileSync(join(root, path), 'utf8');
  const titles = source.matchAll(/t\.test\(\s*(?:'((?:[^'\\]|\\.)*)'|"([^"]*)"|`([^`]*)`)/g);
  return [...titles].map(([, single, double, template]) => {
    const title = (single ?? double ?? template ?? '').replace(/[`\\]/g, '');
    const parts = title.split(/\$\{.*?\}/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    return new RegExp(`^${parts.join('.+')}$`);
  });
}

/** The last column of each table of threats: `path`: title; title; `path`: title. */
function namedTests(): [path: string, titles: string][] {
  const [, threats = ''] = readDoc('docs/security.md').split('\n## Threats\n');
  const cells = [...threats.matchAll(/^\|.*\| ([^|]+) \|$/gm)].map(([, cell = '']) => cell);
  return cells
    .flatMap((cell) => [...cell.matchAll(/`(test\/[^`]+)`: (.+?)(?=; `test\/|$)/g)])
    .map(([, path = '', titles = '']) => [path, titles.replace(/[`\\]/g, '')]);
}

/** Whether a text is a list of titles. A title itself may have a semicolon. */
function areTitles(pieces: string[], titles: RegExp[]): boolean {
  const isTitle = (end: number) => titles.some((title) => title.test(pieces.slice(0, end).join('; ')));
  const follows = (end: number) => isTitle(end) && areTitles(pieces.slice(end), titles);
  return pieces.length === 0 || pieces.some((_, index) => follows(index + 1));
}

t.test('each threat names tests that there are', async (t) => {
  const tests = namedTests();
  t.ok(tests.length > 60, 'the tests were found');
  for (const [path, titles] of tests) {
    t.ok(areTitles(titles.split('; '), titlesIn(path)), `${path}: ${titles}`);
  }
});

t.test('the token made with openssl is one, and allows what it says', async (t) => {
  const secret = { AUTH_JWT_SECRET: 'a secret of at least 32 bytes for HS256' };
  const server = await startServer(secret);
  t.teardown(() => server.running.stop());
  t.equal(await tryExamples(t, readDoc('docs/security.md'), server, secret), 1, 'the command was found');
});
