import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';

/** A disk under one process that can be told to fail when it flushes, or not to end with it, or to refuse what is written. */
interface FailingDisk {
  /** Environment of the process that is to use it. */
  readonly env: Record<string, string>;
  /** @param error by the number that the system has for it; by default an input/output error */
  fail(error?: number): void;
  /** As `fail`, when something is written. */
  refuse(error: number): void;
  recover(): void;
}

/** Why tests of a failing disk are skipped on this machine; false where they run. In CI they always run. */
export const skipFailingDisk: string | false =
  process.env.CI === 'true' || mayPreload() ? false : 'there is no C compiler, or no way to preload';

function mayPreload(): boolean {
  return process.platform === 'linux' && spawnSync('cc', ['--version']).status === 0;
}

export function createFailingDisk(directory: string): FailingDisk {
  const library = join(directory, 'fail-sync.so');
  const source = join(import.meta.dirname, 'fail-sync.c');
  const { status, stderr } = spawnSync('cc', ['-shared', '-fPIC', '-o', library, source]);
  if (status !== 0) {
    throw new Error(`the library cannot be built: ${stderr}`);
  }
  const [fails, refuses, stalls] = [join(directory, 'fails'), join(directory, 'refuses'), join(directory, 'stalls')];
  return {
    env: { LD_PRELOAD: library, FAIL_SYNC: fails, FAIL_WRITE: refuses, STALL_SYNC: stalls },
    fail: (error = constants.errno.EIO) => writeFileSync(fails, String(error)),
    refuse: (error) => writeFileSync(refuses, String(error)),
    recover: () => {
      rmSync(fails, { force: true });
      rmSync(refuses, { force: true });
    },
  };
}
