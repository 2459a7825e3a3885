import t from 'tap';
import { codeIn, readDoc, tableUnder } from '../docs/markdown.js';

const docs = readDoc('docs/client.md');
const types = readDoc('client/types.ts') + readDoc('client/publish.ts');

const firstCodes = (heading: string) => tableUnder(docs, heading).flatMap(([cell]) => codeIn(cell));
/** The alternatives of a union of literals. */
const literals = (source: string, name: string) =>
  [...(new RegExp(`type ${name} =([^;]*);`).exec(source)?.[1]?.matchAll(/'([a-z-]+)'/g) ?? [])].map(
    ([, code = '']) => code,
  );
/** The properties of an interface. */
const fields = (name: string) =>
  [
    ...(new RegExp(`interface ${name} [^{]*{\n(.*?)\n}`, 's').exec(types)?.[1]?.matchAll(/^ {2}readonly (\w+)/gm) ??
      []),
  ].map(([, field]) => field);

t.test('docs/client.md shows the examples as they are', async (t) => {
  const watch = readDoc('examples/watch.ts').replace('../client/index.js', 'sluice/client');
  t.ok(docs.includes(`\`\`\`ts\n${watch}\`\`\``));
  t.ok(docs.includes(`\`\`\`html\n${readDoc('examples/page.html')}\`\`\``));
});

t.test('docs/client.md lists exactly the options there are', async (t) => {
  const request = fields('RequestOptions');
  t.ok(request.length > 2, 'the options were found');
  t.strictSame(firstCodes('## connect').sort(), [...request, ...fields('ConnectOptions')].sort());
  t.strictSame(firstCodes('## publish').sort(), [...request, ...fields('PublishOptions')].sort());
});

t.test('docs/client.md lists exactly the codes there are', async (t) => {
  const interruptions = literals(types, 'InterruptionCode');
  const errors = readDoc('client/errors.ts');
  t.ok(interruptions.length > 5, 'the codes were found');
  for (const code of interruptions) {
    t.match(docs, new RegExp(`^\\| \`${code}\` \\|.*backoff`, 'm'), code);
  }
  for (const code of [...literals(errors, 'StreamErrorCode'), ...literals(errors, 'PublishErrorCode')]) {
    t.match(docs, new RegExp(`^\\| \`${code}\` \\|`, 'm'), code);
  }
  t.strictSame(firstCodes('### Verdicts and gaps').sort(), literals(types, 'GapReason').sort());
});
