import type { HeaderSource, HeaderValues } from './types.js';

/**
 * Later ones win; names are in lower case.
 * @throws TypeError for what no request can have
 */
export function joinHeaders(...all: HeaderValues[]): Record<string, string> {
  return Object.fromEntries(all.flatMap((values) => [...new Headers(values)]));
}

/** The headers as they are, or as they are made for this request. */
export async function resolveHeaders(source: HeaderSource | undefined): Promise<HeaderValues> {
  return typeof source === 'function' ? source() : source;
}

/** A header carries bytes: a cursor beyond ASCII travels as its UTF-8 (WHATWG HTML §9.2.3). */
export function cursorHeader(lastEventId: string): HeaderValues {
  const bytes = new TextEncoder().encode(lastEventId);
  return lastEventId === '' ? {} : { 'last-event-id': String.fromCharCode(...bytes) };
}
