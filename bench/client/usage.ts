import { readdirSync, readFileSync } from 'node:fs';

const NS_PER_S = 1e9;

/** CPU time that processes have used so far, all threads, in seconds (proc(5), `schedstat`: finer than the ticks of `stat`). */
export function cpuSeconds(pids: readonly number[]): number {
  let ns = 0;
  for (const pid of pids) {
    for (const thread of readdirSync(`/proc/${pid}/task`)) {
      const [onCpu = '0'] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ');
      ns += Number(onCpu);
    }
  }
  return ns / NS_PER_S;
}

/** Memory of processes in kB, pages they share counted in part (proc(5), `smaps_rollup`, `Pss`). */
export function pssKb(pids: readonly number[]): number {
  let kb = 0;
  for (const pid of pids) {
    const [, pss = '0'] = /^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')) ?? [];
    kb += Number(pss);
  }
  return kb;
}
