import { isIP } from 'node:net';
import { isLoopbackAddress } from '../limits/address.js';

/** A host as URLs and the header have it: with a port or without, IPv6 in brackets (RFC 3986 §3.2.2). */
const AUTHORITY = /^(?:\[([\da-f.]*:[\da-f:.]*)\]|([^:[\]]+))(?::\d+)?$/i;
const ORIGIN = /^https?:\/\/(.+)$/i;

/** Whether a host, by its name or bare address, is this machine and nothing that others reach. */
export function isLoopbackName(name: string): boolean {
  return name.toLowerCase() === 'localhost' || (isIP(name) !== 0 && isLoopbackAddress(name));
}

/** The same of a host that may have a port. */
export function isLoopbackHost(host: string): boolean {
  const [, address, name = ''] = AUTHORITY.exec(host) ?? [];
  return isLoopbackName(address ?? name);
}

/** The same of the origin of a page. */
export function isLoopbackOrigin(origin: string): boolean {
  return isLoopbackHost(ORIGIN.exec(origin)?.[1] ?? '');
}
