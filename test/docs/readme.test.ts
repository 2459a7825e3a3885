import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import t from 'tap';
import { serverSchema } from '../../src/config/settings.js';
import { variableOf } from '../../src/server/environment.js';
import { build } from '../support/build.js';
import { tryExamples } from './examples.js';
import { codeIn, readDoc, root, tableUnder } from './markdown.js';
import { startServer } from './processes.js';

const readme = readDoc('README.md');
/** Their default depends on where the server runs, so the README says it in words. */
const DEPENDENT = new Set(['AUTH', 'DEMO', 'LOG', 'MAX_CONNECTIONS', 'PUBLISH_RATE']);

const INTERVALS = Object.keys(serverSchema.properties).filter((key) => /^(?!heartbeat).*IntervalMs$/.test(key));

t.test('every curl command of the README works, and shows what the README says', async (t) => {
  const server = await startServer(Object.fromEntries(INTERVALS.map((key) => [variableOf(key), '20'])));
  t.teardown(() => server.running.stop());
  t.ok((await tryExamples(t, readme, server)) > 15, 'the commands were found');
});

t.test('the configuration table lists exactly the settings, with their defaults', async (t) => {
  const rows = tableUnder(readme, '## Configuration').map(([name, value]) => [codeIn(name)[0], codeIn(value)[0]]);
  const settings = Object.entries(serverSchema.properties).map(([key, { default: value }]) => [
    variableOf(key),
    `${value}`,
  ]);
  t.strictSame(sorted(rows.map(([name]) => name)), sorted(settings.map(([name]) => name)));
  const isFixed = ([name = '']: (string | undefined)[]) => !DEPENDENT.has(name);
  t.strictSame(sorted(rows.filter(isFixed).map(String)), sorted(settings.filter(isFixed).map(String)));
});

t.test('.env.example lists exactly the settings', async (t) => {
  const names = [...readDoc('.env.example').matchAll(/^# ([A-Z_]+)=/gm)].map(([, name]) => name);
  t.strictSame(sorted(names), sorted(Object.keys(serverSchema.properties).map(variableOf)));
});

t.test('the HTTP table lists exactly the routes of the OpenAPI document', async (t) => {
  const { app } = await build(t);
  const { paths } = (await app.inject('/docs/json')).json<{ paths: Record<string, object> }>();
  const routes = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`),
  );
  const rows = tableUnder(readme, '## HTTP').map(([request]) => codeIn(request)[0]);
  t.strictSame(sorted(rows), sorted(routes.filter((route) => !route.startsWith('HEAD '))));
});

t.test('links between the documents lead somewhere, to a heading where they name one', async (t) => {
  const decisions = readdirSync(join(root, 'docs', 'decisions')).map((name) => `docs/decisions/${name}`);
  const pages = [
    'architecture',
    'client',
    'coming-from',
    'deployment',
    'embedding',
    'operations',
    'performance',
    'protocol',
    'security',
  ];
  const documents = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...pages.map((name) => `docs/${name}.md`)];
  for (const path of [...documents, ...decisions]) {
    for (const [, target = '', anchor] of readDoc(path).matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)/g)) {
      const file = target === '' ? path : join(dirname(path), target);
      t.ok(existsSync(join(root, file)), `${path} links to ${target}`);
      t.ok(anchor === undefined || anchorsIn(file).includes(anchor), `${path} links to ${file}#${anchor}`);
    }
  }
});

/** The headings of a document as links name them. */
function anchorsIn(path: string): string[] {
  const titles = [...readDoc(path).matchAll(/^#+ (.+)$/gm)].map(([, title = '']) => title.toLowerCase());
  return titles.map((title) => title.replace(/[^\w\- ]/g, '').replaceAll(' ', '-'));
}

function sorted(items: (string | undefined)[]): (string | undefined)[] {
  return [...items].sort();
}
