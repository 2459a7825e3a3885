import { crc32 } from 'node:zlib';
import { addChecksum, CHECKSUM_BYTES, hasChecksum } from './checksum.js';

/** A small value with a checksum; the key is part of it, so that it is not taken for another's. */
export function seal(key: Buffer, value: unknown): Buffer {
  const text = JSON.stringify(value);
  const sealed = Buffer.alloc(Buffer.byteLength(text) + CHECKSUM_BYTES);
  sealed.write(text);
  addChecksum(sealed, crc32(key));
  return sealed;
}

/** Whether a value is what was sealed under this key. */
export function isSealed(key: Buffer, sealed: Buffer): boolean {
  return hasChecksum(sealed, crc32(key));
}

/** Reads a value; undefined when it is damaged. */
export function unseal(key: Buffer, sealed: Buffer): unknown {
  return isSealed(key, sealed) ? JSON.parse(sealed.toString('utf8', 0, sealed.length - CHECKSUM_BYTES)) : undefined;
}
