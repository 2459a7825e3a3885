import { cpus, freemem, loadavg, totalmem } from 'node:os';
import type { Generator } from './generator.js';

/** Figures that only the server around it knows. */
export interface ServerFigures {
  /** Requests answered or being answered since the start. */
  requests(): number;
  /** Open event streams. */
  clients(): number;
}

/** Real figures of this host and this process; percentages are whole numbers. */
export function createMetrics(intervalMs: number, server: ServerFigures): Generator {
  const hostCpu = createHostCpu();
  const processCpu = createProcessCpu();
  return {
    stream: 'metrics',
    type: 'metrics-update',
    intervalMs,
    next: (now) => ({
      cpu: hostCpu(),
      memory: percent(totalmem() - freemem(), totalmem()),
      requests: server.requests(),
      clients: server.clients(),
      processCpu: processCpu(),
      rssBytes: process.memoryUsage.rss(),
      load: Math.round((loadavg()[0] ?? 0) * 100) / 100,
      uptime: Math.round(process.uptime()),
      timestamp: now,
    }),
  };
}

/** Busy share of all cores since the last call. */
function createHostCpu(): () => number {
  let last = hostTimes();
  return () => {
    const now = hostTimes();
    const share = percent(now.busy - last.busy, now.total - last.total);
    last = now;
    return share;
  };
}

function hostTimes(): { busy: number; total: number } {
  const times = cpus().map((cpu) => cpu.times);
  const total = times.reduce((sum, { user, nice, sys, idle, irq }) => sum + user + nice + sys + idle + irq, 0);
  const idle = times.reduce((sum, time) => sum + time.idle, 0);
  return { busy: total - idle, total };
}

/** CPU time of this process since the last call, as a share of one core. */
function createProcessCpu(): () => number {
  let lastTime = process.hrtime.bigint();
  let lastUsage = process.cpuUsage();
  return () => {
    const time = process.hrtime.bigint();
    const usage = process.cpuUsage(lastUsage);
    const share = percent(usage.user + usage.system, Number(time - lastTime) / 1000);
    lastTime = time;
    lastUsage = process.cpuUsage();
    return share;
  };
}

function percent(part: number, whole: number): number {
  return whole > 0 ? Math.round((part / whole) * 100) : 0;
}
