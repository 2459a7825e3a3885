import { closeSync, fdatasyncSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';

const SYNCS = 200;
const BLOCK = Buffer.alloc(4096, 1);
const KINDS = new Map([
  [0x01021994, 'tmpfs'],
  [0xef53, 'ext4'],
  [0x58465342, 'xfs'],
  [0x9123683e, 'btrfs'],
  [0x794c7630, 'overlayfs'],
]);

/** What lies under a directory, because durable figures mean nothing without it. */
export interface Disk {
  readonly kind: string;
  /** Median time of one fdatasync after a 4 KiB write, in milliseconds. */
  readonly syncMs: number;
}

/** @throws Error on tmpfs, where flushing is free and the figures would be a lie */
export function inspectDisk(directory: string): Disk {
  const { type } = statfsSync(directory);
  const kind = KINDS.get(type) ?? `0x${type.toString(16)}`;
  if (kind === 'tmpfs') {
    throw new Error(`${directory} is on tmpfs, which flushes nothing: set BENCH_DIR to a directory on a disk`);
  }
  return { kind, syncMs: measureSync(join(directory, 'sync.probe')) };
}

function measureSync(path: string): number {
  const fd = openSync(path, 'w');
  const times: number[] = [];
  for (let i = 0; i < SYNCS; i++) {
    const start = performance.now();
    writeSync(fd, BLOCK);
    fdatasyncSync(fd);
    times.push(performance.now() - start);
  }
  closeSync(fd);
  rmSync(path);
  return times.sort((a, b) => a - b)[SYNCS / 2] ?? Number.NaN;
}
