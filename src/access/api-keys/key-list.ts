import { type Static, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { SELECTION_PATTERN } from '../../events/names.js';
import { MAX_SELECTED } from '../../events/selection.js';
import { parseSecretJson } from '../secret-json.js';

const Patterns = Type.Array(Type.String({ pattern: SELECTION_PATTERN }), { maxItems: MAX_SELECTED });

const KeyEntry = Type.Object(
  {
    name: Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$' }),
    sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
    publish: Patterns,
    subscribe: Patterns,
    rate: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
  },
  { additionalProperties: false },
);

/** One API key as the file has it: its name, its SHA-256 in hexadecimal, what it allows, publishes a second. */
export type KeyEntry = Static<typeof KeyEntry>;

const KeyList = Type.Array(KeyEntry);

/** What each field must be. The value itself is not told: somebody may have put the secret there. */
const FIELDS: Readonly<Record<string, string>> = {
  name: 'name must be 1 to 64 letters, digits and . _ -, and start with a letter or digit',
  sha256: 'sha256 must be 64 digits of lower-case hexadecimal, the SHA-256 of the key',
  publish: `publish must be a list of at most ${MAX_SELECTED} stream names and patterns (orders.* or *)`,
  subscribe: `subscribe must be a list of at most ${MAX_SELECTED} stream names and patterns (orders.* or *)`,
  rate: 'rate must be a number over 0, publishes a second',
};

/**
 * Reads the text of a file of API keys.
 * @throws Error saying which entry is wrong and what it must be
 */
export function parseKeyList(text: string): KeyEntry[] {
  const list = parseSecretJson(text);
  const [error] = Value.Errors(KeyList, list);
  if (error !== undefined) {
    throw new Error(describe(error.path));
  }
  const entries = list as KeyEntry[];
  checkUnique(entries, 'name');
  checkUnique(entries, 'sha256');
  return entries;
}

/** @throws Error saying why a key cannot be added to those there are */
export function checkNewKey(entry: KeyEntry, known: readonly KeyEntry[]): void {
  const [error] = Value.Errors(KeyEntry, entry);
  if (error !== undefined) {
    const [, field] = error.path.split('/');
    throw new Error(describeField(field));
  }
  if (known.some(({ name }) => name === entry.name)) {
    throw new Error(`there is a key of the name ${entry.name} already: choose another, or remove that one`);
  }
}

function describe(path: string): string {
  const [, index, field] = path.split('/');
  return index === undefined ? 'it must be a JSON list of keys' : `key ${Number(index) + 1}: ${describeField(field)}`;
}

function describeField(field = ''): string {
  return FIELDS[field] ?? `it must be an object with no other fields than ${Object.keys(FIELDS).join(', ')}`;
}

function checkUnique(entries: readonly KeyEntry[], field: 'name' | 'sha256'): void {
  const seen = new Set<string>();
  for (const [index, entry] of entries.entries()) {
    if (seen.has(entry[field])) {
      throw new Error(`key ${index + 1}: its ${field} is that of an earlier one`);
    }
    seen.add(entry[field]);
  }
}
