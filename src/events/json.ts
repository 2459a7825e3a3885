import secureJson from 'secure-json-parse';
import { SluiceError } from '../errors.js';

/** Deepest nesting of arrays and objects that is accepted; deeper input could exhaust the stack of any reader. */
export const MAX_JSON_DEPTH = 64;

const STRINGS = /"[^"\\]*(?:\\.[^"\\]*)*"/g;
const LARGE_NUMBER = /\d{16}|\d[eE]\+?\d{3}/;
const NUMBERS = /-?\d[\d.eE+-]*/g;
const INTEGER = /^-?\d+$/;
const LONE_SURROGATE = /(?:^|[^\\])(?:\\\\)*\\ud[89a-f]/;

/**
 * Parses JSON from outside. Refused is also what a parser would silently change, like integers beyond 2⁵³ and
 * numbers beyond a double (I-JSON, RFC 7493 §2.2), or what later code could choke on, like deep nesting and `__proto__`.
 * @param wrappers levels of nesting around what the limit is for
 * @param measured what `measure` says of it, where it has been asked
 * @throws SluiceError 400
 */
export function parseJson(text: string, wrappers = 0, { depth } = measure(text)): unknown {
  if (text.trim() === '') {
    throw new SluiceError('SLUICE_EMPTY_BODY', 400, 'the body is empty');
  }
  if (depth > MAX_JSON_DEPTH + wrappers) {
    throw invalid(`JSON is nested more than ${MAX_JSON_DEPTH} levels deep`);
  }
  const value = parse(text);
  checkNumbers(text);
  return value;
}

function parse(text: string): unknown {
  try {
    return secureJson.parse(text);
  } catch (error) {
    throw new SluiceError('SLUICE_INVALID_JSON', 400, `not valid JSON: ${(error as Error).message}`);
  }
}

/** @param text valid JSON: a string left open would cost the square of its length here */
function checkNumbers(text: string): void {
  if (LARGE_NUMBER.test(text)) {
    for (const [number] of text.replace(STRINGS, '""').matchAll(NUMBERS)) {
      checkNumber(number);
    }
  }
}

function checkNumber(text: string): void {
  const number = Number(text);
  if (INTEGER.test(text) && !Number.isSafeInteger(number)) {
    throw invalid('an integer beyond 2^53 would lose digits: send it as a string');
  }
  if (Math.abs(number) === Number.POSITIVE_INFINITY) {
    throw invalid('a number beyond 1.8e308 would become null: send it as a string');
  }
}

/**
 * The one line of JSON that stands for a value.
 * @throws SluiceError 400 where the value has no JSON (undefined, a cycle, a bigint) or holds half a surrogate pair
 */
export function toJson(value: unknown): string {
  const json = stringify(value);
  if (json === undefined) {
    throw invalid('data must be a JSON value');
  }
  // JSON.stringify escapes only what is not well-formed Unicode as \ud…
  if (json.includes('\\ud') && LONE_SURROGATE.test(json)) {
    throw invalid('text holds half a surrogate pair, which no UTF-8 stream can carry');
  }
  return json;
}

function stringify(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch (error) {
    throw invalid(`data has no JSON form: ${(error as Error).message.split('\n', 1)[0]}`);
  }
}

/** How deep it is nested, and how many members the outermost array or object has, taken that there is one. */
export function measure(text: string): { readonly depth: number; readonly members: number } {
  let depth = 0;
  let deepest = 0;
  let members = 1;
  for (let i = 0; i < text.length; i++) {
    const char = text.charCodeAt(i);
    if (char === 0x22) {
      i = endOfString(text, i + 1);
    } else if (char === 0x5b || char === 0x7b) {
      deepest = Math.max(deepest, ++depth);
    } else if (char === 0x5d || char === 0x7d) {
      depth--;
    } else if (char === 0x2c && depth === 1) {
      members++;
    }
  }
  return { depth: deepest, members };
}

/** Where the quote is that ends a string whose text begins at `from`; the end of the text where there is none. */
export function endOfString(text: string, from: number): number {
  let i = from;
  while (i < text.length && text.charCodeAt(i) !== 0x22) {
    i += text.charCodeAt(i) === 0x5c ? 2 : 1;
  }
  return i;
}

function invalid(message: string): SluiceError {
  return new SluiceError('SLUICE_INVALID_DATA', 400, message);
}
