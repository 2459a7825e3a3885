import { closeSync, openSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { type MetaPage, newestMeta } from '../../../src/log/disk/lmdb-file/meta-page.js';
import { dataOf, FLAGS_AT, HEADER_BYTES, keyOf, nodesOf, WRITTEN_AT } from '../../../src/log/disk/lmdb-file/page.js';
import { Random } from '../../torture/random.js';
import { event, publish } from '../contract/support.js';
import { openLog } from './support.js';

/** Of what lmdb writes of a commit, and where it says in which boot of the machine that was. */
const META_BYTES = 168;
const BOOT_AT = 160;
const LAST_PAGE_AT = 144;

function isShort(path: string): boolean {
  const { meta, bytes } = new Spoilt(path);
  return bytes.length < (Number(meta.lastPage) + 1) * meta.pageBytes;
}

/** A data file, whose pages are to be spoilt. */
class Spoilt {
  readonly meta: MetaPage;
  readonly bytes: Buffer;

  constructor(path: string) {
    const fd = openSync(path, 'r');
    this.meta = newestMeta(fd);
    closeSync(fd);
    this.bytes = readFileSync(path);
  }

  page(number: number): Buffer {
    const { pageBytes } = this.meta;
    return this.bytes.subarray(number * pageBytes, (number + 1) * pageBytes);
  }

  /** The newer of the two heads. */
  get head(): Buffer {
    return this.page(Number(this.meta.transaction % 2n));
  }

  /** Where a table's tree is written of, on the page of all tables. */
  table(name: string): Buffer {
    const page = this.page(this.meta.mainTree.root);
    const node = nodesOf(page, 0).find((each) => {
      const { from } = keyOf(page, each);
      return page.toString('latin1', from, from + name.length) === name;
    });
    return page.subarray(dataOf(page, node ?? 0).at);
  }

  /** A list of free pages that has some. */
  freeList(): Buffer {
    const page = this.page(this.meta.freeTree.root);
    const lists = nodesOf(page, 0).map((node) => page.subarray(dataOf(page, node).at));
    return lists.find((list) => list.readUInt32LE(0) > 1) ?? Buffer.alloc(0);
  }

  /** The first leaf of the events. */
  events(): Buffer {
    return this.page(Number(this.table('events').readBigUInt64LE(40)));
  }
}

/** A log that has been closed, with pages that are free. */
async function written(t: Test): Promise<{ directory: string; path: string; file: Spoilt }> {
  const directory = join(t.testdir(), 'data');
  const { log, close } = await openLog(t, directory);
  await publish(log, 'a', 'b', 'a');
  await log.purge('a');
  await log.idle();
  await close();
  const path = join(directory, 'data.mdb');
  return { directory, path, file: new Spoilt(path) };
}

const cases: Record<string, { harm: (file: Spoilt) => void; told: RegExp }> = {
  'a page that says it is another': {
    harm: (file) => file.page(file.meta.mainTree.root).writeUInt32LE(3, 0),
    told: /page \d+ of data.mdb is damaged: it is not what it should be/,
  },
  'a page of a commit that has not been': {
    harm: (file) => file.events().writeUInt32LE(1, WRITTEN_AT + 4),
    told: /page \d+ of data.mdb is damaged: it is not what it should be/,
  },
  'an entry marked as a tree': {
    harm: (file) => {
      const page = file.events();
      page.writeUInt16LE(4, page.readUInt16LE(HEADER_BYTES) + HEADER_BYTES + 4);
    },
    told: /page \d+ of data.mdb is damaged: an entry is not what it should be/,
  },
  'a table of another kind': {
    harm: (file) => file.table('streams').writeUInt16LE(2, 4),
    told: /data.mdb is damaged, unless a newer version wrote it: it has a table "streams/,
  },
  'a table of another name': {
    harm: (file) => {
      const page = file.page(file.meta.mainTree.root);
      page.write('E', page.indexOf('events'));
    },
    told: /data.mdb is damaged, unless a newer version wrote it: it has a table "Events/,
  },
  'a name of a table that does not end': {
    harm: (file) => {
      const page = file.page(file.meta.mainTree.root);
      page.writeUInt8(1, page.indexOf('events') + 6);
    },
    told: /data.mdb is damaged, unless a newer version wrote it: it has a table "events/,
  },
  'a page of tables that says it has more of them': {
    harm: (file) => {
      const page = file.page(file.meta.mainTree.root);
      page.writeUInt16LE(page.readUInt16LE(20) + 0x4000, 20);
    },
    told: /page \d+ of data.mdb is damaged/,
  },
  'a page in use that is listed as free': {
    harm: (file) => file.freeList().writeBigInt64LE(BigInt(file.meta.mainTree.root), 8),
    told: /page \d+ of data.mdb is damaged: it is used twice/,
  },
  'a page far outside of the file that is listed as free': {
    harm: (file) => file.freeList().writeBigInt64LE(2n ** 55n + 2n, 8),
    told: /page \d+ of data.mdb is damaged: it lies outside of the file/,
  },
  'a list of free pages that ends with a length': {
    harm: (file) => {
      const list = file.freeList();
      list.writeBigInt64LE(-2n, 8 * list.readUInt32LE(0));
    },
    told: /data.mdb is damaged: a list of free pages ends before it should/,
  },
  'a list of free pages that goes on beyond its end': {
    harm: (file) => {
      const page = file.page(file.meta.freeTree.root);
      page.writeUInt32LE(0xffff, dataOf(page, nodesOf(page, 0)[0] ?? 0).at);
    },
    told: /data.mdb is damaged: a list of free pages ends before it should/,
  },
  'a head that says there are more pages than there are': {
    harm: (file) => file.head.writeBigUInt64LE(file.meta.lastPage + 4096n, LAST_PAGE_AT),
    told: /page \d+ of data.mdb is damaged: nothing uses it or what is behind it/,
  },
  'a head that says there are more pages than a disk has': {
    harm: (file) => file.head.writeBigUInt64LE(file.meta.lastPage + 2n ** 40n, LAST_PAGE_AT),
    told: /the head of data.mdb is damaged: the file cannot have so many pages/,
  },
  'a head that is not marked as one': {
    harm: (file) => file.page(0).writeUInt16LE(0, FLAGS_AT),
    told: /the head of data.mdb is damaged/,
  },
  'a head that says the free pages are of another kind': {
    harm: (file) => file.page(1).writeUInt16LE(12, 52),
    told: /the head of data.mdb is damaged/,
  },
};

for (const [name, { harm, told }] of Object.entries(cases)) {
  t.test(`${name} is noticed before anything is written`, async (t) => {
    const { directory, path, file } = await written(t);
    harm(file);
    t.notSame(file.bytes, readFileSync(path));
    writeFileSync(path, file.bytes);
    for (const onDamage of ['refuse', 'skip'] as const) {
      await t.rejects(openLog(t, directory, { onDamage }), { name: 'DataDirectoryError', message: told });
      t.same(readFileSync(path), file.bytes);
    }
  });
}

t.test('nor does a start write that refuses damaged events', async (t) => {
  const { directory, path, file } = await written(t);
  const page = file.events();
  page.writeUInt8(page.readUInt8(page.length - 10) ^ 1, page.length - 10);
  writeFileSync(path, file.bytes);
  await t.rejects(openLog(t, directory), { message: /a damaged event at position 2/ });
  t.same(readFileSync(path), file.bytes);
});

t.test('a file is whole without the free pages at its end, which lmdb need not have written', async (t) => {
  const directory = join(t.testdir(), 'data');
  const path = join(directory, 'data.mdb');
  const random = new Random('short');
  const limits = { eventsPerStream: 10 };
  const { log, close } = await openLog(t, directory, { limits });
  for (let i = 0; i < 5000 && !isShort(path); i++) {
    const batch = Array.from({ length: random.int(1, 4) }, () =>
      event(`s${random.int(0, 19)}`, 'x'.repeat(random.int(0, 999))),
    );
    await log.append(batch);
  }
  await close();
  t.ok(isShort(path));
  const again = await openLog(t, directory, { limits });
  t.equal(again.log.head, log.head);
  for (let i = 0; i < 100; i++) {
    await again.log.append([event('a', 'x'.repeat(1000))]);
  }
  await again.close();
  t.equal((await openLog(t, directory, { limits })).log.head, log.head + 100);
});

t.test('but not without others', async (t) => {
  const { directory, path, file } = await written(t);
  const { mainTree, pageBytes } = file.meta;
  truncateSync(path, mainTree.root * pageBytes);
  await t.rejects(openLog(t, directory), { message: /data.mdb was cut short: page \d+ is missing/ });
});

t.test("after a power cut, a commit that was not flushed is nobody's damage", async (t) => {
  const directory = join(t.testdir(), 'data');
  const { log, close } = await openLog(t, directory);
  await publish(log, 'a', 'b');
  const path = join(directory, 'data.mdb');
  const before = new Spoilt(path);
  await publish(log, 'a');
  const after = new Spoilt(path);
  await close();
  // Its head has reached the disk, its pages have not, and lmdb's mark of what is flushed is that of the one before.
  const { bytes, meta } = after;
  const flushed = meta.pageBytes / 2;
  before.bytes.copy(bytes, flushed, flushed, flushed + META_BYTES);
  after.page(meta.mainTree.root).fill(0);
  for (const at of [0, flushed, meta.pageBytes]) {
    bytes.writeBigInt64LE(1n, at + BOOT_AT);
  }
  writeFileSync(path, bytes);
  t.equal((await openLog(t, directory)).log.head, 2);
});
