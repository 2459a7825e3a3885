import { execFile, spawnSync } from 'node:child_process';
import { chmodSync, lstatSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';
import { parseKeyList } from '../../src/access/api-keys/key-list.js';
import { digestOf, KeyRing } from '../../src/access/api-keys/key-ring.js';
import { entry } from '../support/entry.js';

const argumentsOf = (args: string[]) => [...entry('src/commands/key'), ...args];

function run(cwd: string, args: string[], env: Record<string, string> = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, argumentsOf(args), {
    cwd,
    env: { ...process.env, ...env },
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

t.test('sluice-key adds a key to the file and prints its secret once, alone', async (t) => {
  const directory = t.testdir();
  const path = join(directory, 'keys.json');
  const first = run(directory, ['app', '--publish', 'orders.*, stock', '--rate', '100', '--file', 'keys.json']);
  t.equal(first.status, 0, first.stderr);
  t.match(first.stdout, /^sk_[A-Za-z0-9_-]{43}\n$/);
  t.match(first.stderr, /^app is in keys\.json\. .+ cannot be shown again:\n$/);
  const second = run(directory, ['page', '--subscribe', '*'], { AUTH_KEYS_FILE: path });
  t.equal(second.status, 0, second.stderr);
  t.not(second.stdout, first.stdout);
  t.strictSame(JSON.parse(readFileSync(path, 'utf8')), [
    { name: 'app', publish: ['orders.*', 'stock'], subscribe: [], rate: 100, sha256: digestOf(first.stdout.trim()) },
    { name: 'page', publish: [], subscribe: ['*'], sha256: digestOf(second.stdout.trim()) },
  ]);
  t.equal(statSync(path).mode & 0o777, 0o600, 'for its owner alone');
  t.strictSame(readdirSync(directory), ['keys.json'], 'nothing is left beside it');
});

t.test('sluice-key leaves a file that is there where it is, open to whom it was', async (t) => {
  const directory = t.testdir({ kept: { 'keys.json': '[]' }, 'keys.json': t.fixture('symlink', 'kept/keys.json') });
  const kept = join(directory, 'kept', 'keys.json');
  chmodSync(kept, 0o640);
  t.equal(run(directory, ['app', '--publish', 'a', '--file', 'keys.json']).status, 0);
  t.ok(lstatSync(join(directory, 'keys.json')).isSymbolicLink());
  t.match(readFileSync(kept, 'utf8'), /"name": "app"/);
  t.equal(statSync(kept).mode & 0o777, 0o640);
});

t.test('what sluice-key cannot do is one line, and leaves the file as it was', async (t) => {
  const directory = t.testdir({ 'keys.json': '[]', 'bad.json': '[{}]' });
  const file = ['--publish', '*', '--file', 'keys.json'];
  writeFileSync(
    join(directory, 'keys.json'),
    `[{"name":"a","sha256":"${'ab'.repeat(32)}","publish":[],"subscribe":[]}]`,
  );
  const before = readFileSync(join(directory, 'keys.json'), 'utf8');
  for (const [args, problem] of [
    [['a', ...file], /^sluice-key: there is a key of the name a already: choose another, or remove that one\n$/],
    [['b c', ...file], /^sluice-key: name must be .+\n$/],
    [['b', ...file, '--publish', 'x y'], /^sluice-key: publish must be .+\n$/],
    [['b', '--rate', 'fast', ...file], /^sluice-key: rate must be .+\n$/],
    [['b', '--publish', '*', '--file', 'bad.json'], /^sluice-key: key 1: .+\n$/],
    [
      ['b', '--publish', '*', '--file', 'none/keys.json'],
      /^sluice-key: cannot write beside none\/keys\.json: ENOENT.+\n$/,
    ],
    [['b', '--file', 'keys.json'], /^sluice-key: a key must be good for something: .+\n$/],
    [['b'], /^sluice-key: which file\? .+\n$/],
    [['b', '--nonsense'], /^sluice-key: Unknown option.+\n$/],
  ] as const) {
    const { status, stdout, stderr } = run(directory, [...args], { AUTH_KEYS_FILE: '' });
    t.equal(status, 1, args.join(' '));
    t.equal(stdout, '');
    t.match(stderr, problem);
  }
  t.equal(readFileSync(join(directory, 'keys.json'), 'utf8'), before);
  t.strictSame(readdirSync(directory), ['bad.json', 'keys.json'], 'nothing is left beside it');
});

t.test('of several sluice-key at once each adds its key, or says that another is being added', async (t) => {
  const known = Array.from({ length: 5000 }, (_, index) => ({ name: `k${index}`, sha256: digestOf(`${index}`) }));
  const keys = known.map((key) => ({ ...key, publish: [], subscribe: [] }));
  const directory = t.testdir({ 'keys.json': JSON.stringify(keys) });
  const path = join(directory, 'keys.json');
  const start = (name: string) =>
    promisify(execFile)(process.execPath, argumentsOf([name, '--publish', 'a', '--file', path]));
  const runs = await Promise.allSettled(['a', 'b', 'c', 'd', 'e', 'f'].map(start));
  const secrets = runs.flatMap((run) => (run.status === 'fulfilled' ? [run.value.stdout.trim()] : []));
  t.ok(secrets.length > 0);
  const ring = new KeyRing();
  ring.replace(parseKeyList(readFileSync(path, 'utf8')));
  const lost = secrets.filter((secret) => ring.find(secret) === undefined);
  t.strictSame(lost, [], 'every key that was printed works');
  const reasons = runs.flatMap((run) => (run.status === 'rejected' ? [run.reason] : []));
  for (const reason of reasons) {
    t.match(reason.stderr, /^sluice-key: another key is being added to .+keys\.json: try again; .+\n$/);
  }
  t.strictSame(readdirSync(directory), ['keys.json'], 'nothing is left beside it');
});

t.test('after a sluice-key that was killed, the next says what to remove', async (t) => {
  const directory = t.testdir({
    'keys.json': '[]',
    'keys.json.lock': '',
    'link.json': t.fixture('symlink', 'keys.json'),
  });
  for (const name of ['keys.json', 'link.json']) {
    const { status, stdout, stderr } = run(directory, ['a', '--publish', 'a', '--file', name]);
    t.equal(status, 1);
    t.equal(stdout, '');
    t.match(stderr, /^sluice-key: .+ killed left .+keys\.json\.lock: remove it\n$/);
  }
  t.equal(readFileSync(join(directory, 'keys.json'), 'utf8'), '[]');
  rmSync(join(directory, 'keys.json.lock'));
  t.equal(run(directory, ['a', '--publish', 'a', '--file', 'link.json']).status, 0);
});

t.test('without a name sluice-key says how it is used', async (t) => {
  t.match(run(t.testdir(), []), { status: 1, stdout: /sluice-key <name> \[--publish/ });
  t.match(run(t.testdir(), ['--help']), { status: 0, stdout: /--subscribe/ });
});
