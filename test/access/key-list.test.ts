import t from 'tap';
import { parseKeyList } from '../../src/access/api-keys/key-list.js';

const KEY = { name: 'a', sha256: 'ab'.repeat(32), publish: ['orders.*'], subscribe: ['*'] };

t.test('a file of keys is a list of what each may do', async (t) => {
  const other = { ...KEY, name: 'b', sha256: 'cd'.repeat(32), publish: [], rate: 0.5 };
  t.strictSame(parseKeyList(JSON.stringify([KEY, other])), [KEY, other]);
  t.strictSame(parseKeyList(' []\n'), [], 'also an empty one');
});

for (const [what, entry, problem] of [
  ['a name with a space', { name: 'a b' }, /^key 2: name must be/],
  ['a name with a lone surrogate', { name: 'a\ud800' }, /^key 2: name must be/],
  ['a name with NUL', { name: 'a\0' }, /^key 2: name must be/],
  ['no name', { name: undefined }, /^key 2: name must be/],
  ['a secret instead of its hash', { sha256: `sk_${'x'.repeat(43)}` }, /^key 2: sha256 must be/],
  ['a hash in capitals', { sha256: 'AB'.repeat(32) }, /^key 2: sha256 must be/],
  ['a hash with a line feed', { sha256: `${'ef'.repeat(32)}\n` }, /^key 2: sha256 must be/],
  ['a pattern that is none', { publish: ['orders*'] }, /^key 2: publish must be/],
  ['too many patterns', { subscribe: Array.from({ length: 101 }, (_, i) => `s${i}`) }, /^key 2: subscribe must be/],
  ['rights as text', { subscribe: '*' }, /^key 2: subscribe must be/],
  ['a rate of nothing', { rate: 0 }, /^key 2: rate must be/],
  ['another field', { expires: 5 }, /^key 2: it must be an object with no other fields than name, sha256/],
  ['a name twice', { name: 'a' }, /^key 2: its name is that of an earlier one$/],
  ['a key twice', { sha256: KEY.sha256 }, /^key 2: its sha256 is that of an earlier one$/],
] as const) {
  t.test(`${what} is refused, without a word of what was there`, async (t) => {
    const text = JSON.stringify([KEY, { ...KEY, name: 'b', sha256: 'ef'.repeat(32), ...entry }]);
    t.throws(() => parseKeyList(text), { message: problem });
    t.throws(() => parseKeyList(text), { message: /^((?!sk_|xxx|AB).)*$/ });
  });
}

t.test('what is no list is refused', async (t) => {
  for (const text of ['', '{', '[{', 'null', '{}', '5', '"sk_x"']) {
    t.throws(() => parseKeyList(text), { message: /^it (?:is not JSON|must be a JSON list of keys)$/ }, text);
  }
  t.throws(() => parseKeyList('[5]'), { message: /^key 1: it must be an object/ });
  t.throws(() => parseKeyList('[null]'), { message: /^key 1: it must be an object/ });
});
