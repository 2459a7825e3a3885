import type { KeyObject } from 'node:crypto';

/** RFC 7518 §3.3. */
const MIN_RSA_BITS = 2048;

/** @throws Error for an RSA key that is too short to trust */
export function checkStrength({ asymmetricKeyDetails }: KeyObject): void {
  const { modulusLength = MIN_RSA_BITS } = asymmetricKeyDetails ?? {};
  if (modulusLength < MIN_RSA_BITS) {
    throw new Error(`an RSA key must have at least ${MIN_RSA_BITS} bits, but this one has ${modulusLength}`);
  }
}
