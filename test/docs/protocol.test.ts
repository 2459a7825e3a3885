import t from 'tap';
import { ErrorReply } from '../../src/schemas/common.js';
import { countRefusals } from '../../src/streams/refusal.js';
import { codeIn, readDoc, tableUnder } from './markdown.js';

const protocol = readDoc('docs/protocol.md');

t.test('the error table lists every code of the server', async (t) => {
  const codes = [...readDoc('src/errors.ts').matchAll(/'(SLUICE_\w+)'/g)].map(([, code]) => code);
  const listed = tableUnder(protocol, '## Errors').map(([code]) => codeIn(code)[0]);
  t.ok(codes.length > 10, 'the codes were found');
  t.strictSame(listed.filter((code) => code?.startsWith('SLUICE_')).sort(), codes.sort());
});

t.test('the description of the API names the codes of the error table', async (t) => {
  const listed = tableUnder(protocol, '## Errors').map(([code]) => codeIn(code)[0]);
  t.strictSame([...(ErrorReply.properties.code.examples ?? [])].sort(), listed.sort());
});

t.test('the resume table lists every reason of a gap', async (t) => {
  const source = /type GapReason = (.*);/.exec(readDoc('src/streams/resume/resume.ts'))?.[1] ?? '';
  const reasons = [...source.matchAll(/'(\w+)'/g)].map(([, reason]) => reason);
  const verdicts = tableUnder(protocol, '## Cursors and resuming').map(([, verdict]) => codeIn(verdict)[1]);
  t.ok(reasons.length > 3, 'the reasons were found');
  t.strictSame(verdicts.filter((reason) => reason !== undefined).sort(), reasons.sort());
});

t.test('the table of refusals lists each of them', async (t) => {
  const listed = tableUnder(protocol, '## refused').map(([code]) => codeIn(code)[0]);
  t.strictSame(listed.sort(), Object.keys(countRefusals()).sort());
});
