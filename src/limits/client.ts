import { type Principal, signedIn } from '../access/principal.js';
import { countedAddress } from './address.js';

/** Nobody in particular: this machine, or a proxy on it. */
export const UNCOUNTED = '';

/** Whom a request counts for: who has signed in, wherever it comes from, else the address. */
export function clientOf({ hubPrincipal, ip }: { readonly hubPrincipal: Principal; readonly ip: string }): string {
  return signedIn(hubPrincipal) ?? countedAddress(ip) ?? UNCOUNTED;
}
