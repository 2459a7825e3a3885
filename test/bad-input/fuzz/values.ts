import fc, { type Arbitrary } from 'fast-check';
import { LINE_PATTERN } from '../../../src/events/names.js';
import { PORTABLE_LINE_PATTERN } from '../../../src/openapi/document.js';
import type { Schema } from './document.js';

/** Texts that real clients send; taken wherever a schema allows them, so that requests meet on the same streams and keys. */
const WORDS = [
  'a',
  'b',
  'orders.eu',
  'tasks.x',
  'stock',
  'notifications',
  'a,orders.*',
  '*',
  'created',
  'key-1',
  'key-2',
];

/** Values that a schema calls valid. */
export function valuesBy(schema: Schema): Arbitrary<unknown> {
  if (schema.enum !== undefined) {
    return fc.constantFrom(...schema.enum);
  }
  if (schema.anyOf !== undefined) {
    return fc.oneof(...schema.anyOf.map(valuesBy));
  }
  return ofType(schema);
}

function ofType(schema: Schema): Arbitrary<unknown> {
  const { minimum: min = -1e6, maximum: max = 1e6, exclusiveMinimum } = schema;
  switch (schema.type) {
    case 'string':
      return textOf(schema);
    case 'integer':
      return fc.integer({ min, max });
    case 'number':
      return fc.double({ min: exclusiveMinimum ?? min, max, minExcluded: exclusiveMinimum !== undefined, noNaN: true });
    case 'array':
      return fc.array(valuesBy(schema.items ?? {}), { minLength: schema.minItems ?? 0, maxLength: 7 });
    case 'object':
      return objectOf(schema);
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    default:
      return fc.jsonValue().filter((value) => value !== null || schema.not?.type !== 'null');
  }
}

function objectOf({ properties = {}, required = [] }: Schema): Arbitrary<unknown> {
  const values = Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, valuesBy(schema)]));
  return fc.record(values, { requiredKeys: [...required], noNullPrototype: true });
}

function textOf({ pattern = '', minLength = 0, maxLength = 300 }: Schema): Arbitrary<string> {
  // What the document can say of a line in every tool's words is not all; its description says the rest.
  const exact = pattern === PORTABLE_LINE_PATTERN ? LINE_PATTERN : pattern;
  const form = new RegExp(exact, 'u');
  const fits = (text: string) => form.test(text) && text.length >= minLength && [...text].length <= maxLength;
  // fast-check makes no strings from property escapes; those of our patterns exclude little.
  const formed = /^$|\\p/.test(exact)
    ? fc.string({ unit: 'grapheme', minLength, maxLength }).filter(fits)
    : fc.stringMatching(form);
  const rare = fc.stringMatching(/^[a-z]\d{3}$/).filter(fits);
  const isName = pattern !== '';
  return fc.oneof(
    { weight: isName ? 6 : 1, arbitrary: fc.constantFrom(...WORDS.filter(fits)) },
    { weight: isName ? 1 : 4, arbitrary: rare },
    { weight: 1, arbitrary: formed },
  );
}

/** Text as it stands in a URL; half a surrogate pair becomes the three bytes that some encoders make of it. */
export function toUrl(text: string): string {
  return [...text].map((char) => (char.isWellFormed() ? encodeURIComponent(char) : bytesOfHalf(char))).join('');
}

function bytesOfHalf(char: string): string {
  const unit = char.charCodeAt(0);
  return [0xe0 | (unit >> 12), 0x80 | ((unit >> 6) & 0x3f), 0x80 | (unit & 0x3f)]
    .map((byte) => `%${byte.toString(16)}`)
    .join('');
}
