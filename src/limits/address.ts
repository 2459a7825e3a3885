import { isIP } from 'node:net';

/** As sockets write them. A `BlockList` knows them in any writing, and takes some microseconds of each request. */
const LOOPBACK = /^(?:(?:::ffff:)?127\.|::1$)/i;
/** As some proxies write whom they forward for; the port is another one for each connection. */
const WITH_PORT = /^(?:\[(?<v6>[^\]]+)\]|(?<v4>[^:]+))(?::\d+)?$/;
const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/** Whether an address is of this machine alone (RFC 1122 §3.2.1.3, RFC 4291 §2.5.3). */
export function isLoopbackAddress(ip: string): boolean {
  return LOOPBACK.test(ip);
}

/**
 * What limits per address count: an IPv4 address, or an IPv6 network of 64 bits, as one customer has all of it (RFC 6177).
 * Undefined for this machine's own addresses: they stand for whoever uses it, or for all that a proxy here lets in. So for
 * none at all, which a client on a Unix socket has, or one that has left already. What a proxy says may be anything.
 */
export function countedAddress(ip: string | undefined): string | undefined {
  if (ip === undefined) {
    return undefined;
  }
  if (isIP(ip) === 0) {
    const { v6, v4 } = WITH_PORT.exec(ip)?.groups ?? {};
    const host = v6 ?? v4 ?? '';
    return isIP(host) === 0 ? ip : countedAddress(host);
  }
  if (isLoopbackAddress(ip)) {
    return undefined;
  }
  return ip.includes(':') ? (MAPPED.exec(ip)?.[1] ?? networkOf(ip)) : ip;
}

function networkOf(ip: string): string {
  const [head = '', tail = ''] = ip.split('::').map((half) => half.split(':').filter((group) => group !== ''));
  const zeros = Array<string>(8 - head.length - tail.length).fill('0');
  const groups = [...head, ...zeros, ...tail].slice(0, 4);
  return `${groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`;
}
