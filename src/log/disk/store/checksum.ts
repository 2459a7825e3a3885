import { crc32 } from 'node:zlib';

export const CHECKSUM_BYTES = 4;
/** The CRC-32 of anything that ends with its own CRC-32, lowest byte first, whatever it was begun with. */
const RESIDUE = 0x2144df1c;

/**
 * Fills the last four bytes with the checksum of all before.
 * @param seed begins the checksum: what belongs to the bytes but is not among them
 */
export function addChecksum(buffer: Buffer, seed: number): void {
  const end = buffer.length - CHECKSUM_BYTES;
  buffer.writeUInt32LE(crc32(buffer.subarray(0, end), seed), end);
}

/** Whether the bytes are what they were when they got their checksum. */
export function hasChecksum(buffer: Buffer, seed: number): boolean {
  return buffer.length > CHECKSUM_BYTES && crc32(buffer, seed) === RESIDUE;
}
