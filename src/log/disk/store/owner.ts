import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

const DEAD = 'dead';

/** Which process a data directory belongs to. */
export interface Owner {
  readonly pid: number;
  readonly host: string;
  /** Distinguishes this process from a later one with the same number: start time in clock ticks, and the boot. */
  readonly started: string;
  readonly since: string;
}

export function thisProcess(now: number): Owner {
  return ownerOf(process.pid, now);
}

/** @param pid of a process on this host */
export function ownerOf(pid: number, now: number): Owner {
  return { pid, host: hostname(), started: startOf(pid), since: new Date(now).toISOString() };
}

/** Whether the owner still runs, as far as this host can tell: one on another host, or before a reboot, does not. */
export function isAlive({ pid, host, started }: Owner): boolean {
  if (host !== hostname() || started !== startOf(pid)) {
    return false;
  }
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

export function isSame(a: Owner, b: Owner): boolean {
  return a.pid === b.pid && a.host === b.host && a.started === b.started;
}

/** Empty where the system does not tell (anywhere but Linux): then the number alone must do. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // Field 22, counted after the command, which may itself contain spaces and brackets.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // A killed process that nobody has waited for is still listed, as a zombie.
    const isDead = fields[0] === 'Z' || fields[0] === 'X';
    return isDead ? DEAD : `${readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()}/${fields[19]}`;
  } catch {
    return '';
  }
}
