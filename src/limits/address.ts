import { BlockList, isIP, isIPv6 } from 'node:net';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8);
loopback.addAddress('::1', 'ipv6');

/**
 * What limits per address count: an IPv4 address, or an IPv6 network of 64 bits, as one customer has all of it (RFC 6177).
 * Undefined for this machine's own addresses: they stand for whoever uses it, or for all that a proxy here lets in. So for
 * none at all, which a client on a Unix socket has, or one that has left already. What a proxy says may be anything.
 */
export function countedAddress(ip: string | undefined): string | undefined {
  if (ip === undefined || isIP(ip) === 0) {
    return ip;
  }
  const family = isIPv6(ip) ? 'ipv6' : 'ipv4';
  if (loopback.check(ip, family)) {
    return undefined;
  }
  const [, mapped] = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(ip) ?? [];
  return mapped ?? (family === 'ipv6' ? networkOf(ip) : ip);
}

function networkOf(ip: string): string {
  const [head = '', tail = ''] = ip.split('::').map((half) => half.split(':').filter((group) => group !== ''));
  const zeros = Array<string>(8 - head.length - tail.length).fill('0');
  const groups = [...head, ...zeros, ...tail].slice(0, 4);
  return `${groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`;
}
