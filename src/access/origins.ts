import { splitList } from '../split-list.js';
import { isLoopbackOrigin } from './loopback.js';

/** Which pages may call, by their origin. */
interface Origins {
  /** Any page may. */
  readonly all: boolean;
  /** Origins as browsers send them. */
  readonly named: readonly string[];
  allows(origin: string): boolean;
}

const FORM = "write scheme://host or scheme://host:port, '*' for all, 'loopback' for those of this machine";

/**
 * The origins of a setting: separated by commas, `*` for all, `loopback` for those of this machine; empty for none.
 * @throws Error for what no browser would ever send as `Origin` (RFC 6454 §6.2), saying what to write instead
 */
export function parseOrigins(setting: string): Origins {
  const items = splitList(setting);
  const named = items.filter((item) => item !== '*' && item !== 'loopback');
  named.forEach(checkOrigin);
  const all = items.includes('*');
  const loopback = items.includes('loopback');
  const allows = (origin: string) => all || named.includes(origin) || (loopback && isLoopbackOrigin(origin));
  return { all, named, allows };
}

/** Pages without an origin of their own (sandboxed, or opened from a file) send `null`. */
function checkOrigin(item: string): void {
  if (item === 'null') {
    return;
  }
  const origin = originOf(item);
  if (origin === undefined || item.includes('*')) {
    throw new Error(`'${item}' is no origin: ${FORM}`);
  }
  if (item !== origin) {
    throw new Error(`'${item}' is no origin: write '${origin}'`);
  }
}

/** What a browser sends for a page at this address. */
function originOf(address: string): string | undefined {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  return url === undefined || url.host === '' ? undefined : `${url.protocol}//${url.host}`;
}
