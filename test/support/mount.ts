import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';

/**
 * Mounts a file system of its own, until the test ends.
 * @param options of `mount -t tmpfs`
 * @returns where it is; undefined when this process may not mount
 */
export function mountTmpfs(t: Test, options: string): string | undefined {
  const path = mkdtempSync(join(tmpdir(), 'sluice-mount-'));
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', path]);
  t.teardown(() => {
    spawnSync('umount', ['--lazy', path]);
    rmdirSync(path);
  });
  return status === 0 ? path : undefined;
}
