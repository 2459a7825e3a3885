import { readdirSync, readlinkSync } from 'node:fs';

const OWN = '/proc/self/fd';

/** How many times this process has a file of that name open now. */
export function openFiles(name: string): number {
  return readdirSync(OWN).filter((fd) => pathOf(fd).endsWith(`/${name}`)).length;
}

/** None for one that has been closed meanwhile. */
function pathOf(fd: string): string {
  try {
    return readlinkSync(`${OWN}/${fd}`);
  } catch {
    return '';
  }
}
