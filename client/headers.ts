import type { HeaderSource } from './types.js';

/** The headers as they are, or as they are made for this request. */
export async function resolveHeaders(source: HeaderSource | undefined) {
  return typeof source === 'function' ? source() : source;
}

/** A header carries bytes: a cursor beyond ASCII travels as its UTF-8 (WHATWG HTML §9.2.3). */
export function toHeaderValue(text: string): string {
  return String.fromCharCode(...new TextEncoder().encode(text));
}
