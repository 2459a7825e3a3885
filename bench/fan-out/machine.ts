import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, loadavg, release, type as system, totalmem } from 'node:os';
import { join } from 'node:path';
import { hasNchan } from '../peers/nchan.js';

const GIB = 1024 ** 3;
const root = join(import.meta.dirname, '..', '..');

/** Where and with what the figures were measured. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGib: number;
  readonly system: string;
  /** Load average at the start: much over 0 on an idle machine, something else ran. */
  readonly load: number;
  readonly versions: Readonly<Record<string, string>>;
}

export function describeMachine(): Machine {
  const [{ model = 'unknown' } = {}] = cpus();
  return {
    cpu: model.trim(),
    cores: cpus().length,
    memoryGib: Math.round(totalmem() / GIB),
    system: `${system()} ${release()}`,
    load: loadavg()[0] ?? 0,
    versions: {
      'Node.js': process.versions.node,
      Sluice: versionIn('package.json'),
      Fastify: versionIn('node_modules/fastify/package.json'),
      'better-sse': versionIn('node_modules/better-sse/package.json'),
      '@fastify/sse': versionIn('node_modules/@fastify/sse/package.json'),
      ...(hasNchan ? { nchan: nchanVersion() } : {}),
    },
  };
}

function versionIn(file: string): string {
  return JSON.parse(readFileSync(join(root, file), 'utf8')).version;
}

/** The module does not say; Debian's package does. */
function nchanVersion(): string {
  try {
    const shown = execFileSync('dpkg', ['-s', 'libnginx-mod-nchan'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return /^Version: (.+)$/m.exec(shown)?.[1] ?? 'unknown';
  } catch {
    return 'unknown';
  }
}
