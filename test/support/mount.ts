import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';

/** Why tests that mount are skipped on this machine; false where they run. In CI they always run. */
export const skipMounts: string | false =
  process.env.CI === 'true' || mayMount() ? false : 'this process may not mount';

function mayMount(): boolean {
  return spawnSync('unshare', ['--mount', 'true']).status === 0;
}

/**
 * Mounts a file system of its own, until the test ends.
 * @param options of `mount -t tmpfs`
 */
export function mountTmpfs(t: Test, options: string): string {
  const path = mkdtempSync(join(tmpdir(), 'sluice-mount-'));
  const { status, stderr } = spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', path]);
  t.teardown(() => {
    spawnSync('umount', ['--lazy', path]);
    rmdirSync(path);
  });
  if (status !== 0) {
    throw new Error(`this process may not mount: ${stderr}`);
  }
  return path;
}
