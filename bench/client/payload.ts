/** Numbers of events begin here, so that each has seven digits. */
export const FIRST = 1_000_000;
const PREFIX = '{"n":1000000,"p":"';
const SUFFIX = '"}';

/** The data of event `n`: JSON of exactly `size` bytes that begins with its number. */
export function payloadOf(n: number, size: number): string {
  return `{"n":${n},"p":"${'x'.repeat(size - PREFIX.length - SUFFIX.length)}"}`;
}
