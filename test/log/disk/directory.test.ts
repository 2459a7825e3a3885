import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { writeMeta } from '../../../src/log/disk/store/meta.js';
import { DiskStore } from '../../../src/log/disk/store/store.js';
import { spawnServer } from '../../server/process.js';
import { mountTmpfs, skipMounts } from '../../support/mount.js';
import { event } from '../contract/support.js';
import { openLog } from './support.js';

const NOBODY = 65_534;

t.test('a directory that cannot be used is one line that says what to do, and exit code 1', async (t) => {
  const root = t.testdir({ file: '', link: t.fixture('symlink', 'elsewhere') });
  const cases: [string, string][] = [
    ['file', 'it is not a directory'],
    ['link', 'it is a link to a directory that is not there: make that, or set DATA_DIR'],
    ['missing/data', 'it is not there, and neither is the directory above it: make that, or set DATA_DIR'],
  ];
  for (const [name, reason] of cases) {
    const server = spawnServer(t, { DATA_DIR: join(root, name) }, root);
    t.strictSame(await server.exit, { code: 1, signal: null });
    t.equal(server.stderr, `sluice: data directory ${join(root, name)}: ${reason}\n`);
  }
});

t.test('a directory that the start makes is for its owner alone', async (t) => {
  const directory = join(t.testdir(), 'data');
  await (await openLog(t, directory)).close();
  t.equal(statSync(directory).mode & 0o777, 0o700);
});

t.test('a directory that is open under another name is in use', async (t) => {
  const root = t.testdir({ data: {} });
  const [directory, link] = [join(root, 'data'), join(root, 'link')];
  symlinkSync(directory, link);
  const log = await openLog(t, directory);
  await t.rejects(openLog(t, link), { message: `data directory ${link}: it is in use by another hub of this process` });
  await log.close();
  await (await openLog(t, link)).close();
});

/** Whoever runs the test as somebody else than root cannot become another, but needs not: nobody may write to what root owns. */
const isRoot = process.getuid?.() === 0;
const skipGifts = isRoot || process.env.CI === 'true' ? false : 'only root can give files away';

/** What a user without rights is told about a directory. */
function openAsNobody(directory: string): string {
  const script = join(import.meta.dirname, 'open-log.ts');
  const { stdout } = spawnSync(process.execPath, ['--import', import.meta.resolve('tsx'), script, directory], {
    ...(isRoot ? { uid: NOBODY } : {}),
    env: { PATH: process.env.PATH, TMPDIR: '/tmp' },
  });
  return stdout.toString();
}

const MAY_NOT = 'this process may not write there: change the owner of it and of its files, or set DATA_DIR';

t.test('a directory of another user', async (t) => {
  const directory = isRoot ? t.testdir() : '/';
  if (isRoot) {
    chmodSync(directory, 0o755);
  }
  t.equal(openAsNobody(directory), `data directory ${directory}: ${MAY_NOT}`);
});

for (const file of ['data.mdb', 'lock.mdb']) {
  t.test(`a directory in which ${file} is another user's, after a start as root`, { skip: skipGifts }, async (t) => {
    const directory = t.testdir();
    await (await openLog(t, directory)).close();
    for (const path of [directory, join(directory, 'data.mdb'), join(directory, 'lock.mdb')]) {
      chmodSync(path, path === directory ? 0o755 : 0o644);
      chownSync(path, NOBODY, NOBODY);
    }
    t.equal(openAsNobody(directory), '', 'it is all its own');
    chownSync(join(directory, file), 0, 0);
    t.equal(openAsNobody(directory), `data directory ${directory}: ${MAY_NOT}`);
  });
}

t.test('a read-only file system', { skip: skipMounts }, async (t) => {
  const directory = mountTmpfs(t, 'ro,size=1m');
  await t.rejects(openLog(t, directory), {
    message: `data directory ${directory}: its file system is read-only: set DATA_DIR to another`,
  });
  await t.rejects(openLog(t, join(directory, 'data')), { message: /its file system is read-only/ });
});

t.test('a newer format is left alone', async (t) => {
  const directory = join(t.testdir(), 'data');
  await (await openLog(t, directory)).close();
  const store = new DiskStore(directory);
  await store.write((transaction) => writeMeta(transaction, store, 'format', 99));
  await store.close();
  await t.rejects(openLog(t, directory), {
    message: `data directory ${directory}: its format is 99, this version reads 1: start the version that wrote it`,
  });
});

/** Writes another number of LMDB's data format into the meta pages at the beginning of its file. */
function setDataFormat(directory: string, format: number, metaPages: readonly number[]): void {
  const path = join(directory, 'data.mdb');
  const file = readFileSync(path);
  const pageBytes = file.readUInt32LE(48);
  for (const page of metaPages) {
    file.writeUInt32LE(format, page * pageBytes + 28);
  }
  writeFileSync(path, file);
}

t.test('a data file in another format of LMDB is not taken for a damaged one', async (t) => {
  const directory = join(t.testdir(), 'data');
  await (await openLog(t, directory)).close();
  setDataFormat(directory, 3, [0, 1]);
  for (const onDamage of ['refuse', 'skip'] as const) {
    await t.rejects(openLog(t, directory, { onDamage }), {
      message: `data directory ${directory}: data.mdb has LMDB's data format 3, this version reads 2: start the version that wrote it`,
    });
  }
  setDataFormat(directory, 2, [1]);
  await t.rejects(
    openLog(t, directory),
    { message: /the head of data.mdb is damaged: restore a backup/ },
    'in one half',
  );
  setDataFormat(directory, 2, [0]);
  await (await openLog(t, directory)).close();
});

t.test('a file that is removed or replaced under a running log takes no more events', async (t) => {
  const removals: Record<string, (directory: string) => void> = {
    'its directory is removed': (directory) => rmSync(directory, { recursive: true }),
    'a backup is put in its place': (directory) => {
      cpSync(directory, `${directory}~`, { recursive: true });
      rmSync(directory, { recursive: true });
      renameSync(`${directory}~`, directory);
    },
  };
  for (const [name, remove] of Object.entries(removals)) {
    const directory = join(t.testdir(), 'data');
    const { log, committed, problems, close } = await openLog(t, directory);
    await log.append([event('a')]);
    remove(directory);
    await t.rejects(log.append([event('a')]), { code: 'SLUICE_LOG_READ_ONLY' }, name);
    t.strictSame(problems, [`data.mdb was removed from ${directory}, or replaced, while the server runs`]);
    t.equal(committed.length, 1, 'nobody is told of what no start would find');
    await close();
  }
});
