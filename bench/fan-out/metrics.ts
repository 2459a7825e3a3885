import type { Metric } from './figures.js';

/** Of each server, with the small audience. */
export const cpu: Metric = { key: 'cpu', label: 'CPU per delivery, window 1', unit: 'µs', digits: 2, better: 'lower' };
export const throughput: Metric = {
  key: 'throughput',
  label: 'deliveries a second, window 16',
  unit: '/s',
  digits: 0,
  better: 'higher',
};
export const cpuAt: Metric = {
  key: 'cpu-at',
  label: 'CPU per delivery',
  unit: 'µs',
  digits: 2,
  better: 'lower',
  over: 'events/s',
};
export const latency: Metric = {
  key: 'latency',
  label: 'p99 from due to received',
  unit: 'ms',
  digits: 2,
  better: 'lower',
  over: 'events/s',
};
export const highest: Metric = {
  key: 'highest',
  label: 'highest rate, p99 ≤ 50 ms, nothing lost',
  unit: 'events/s',
  digits: 0,
  better: 'higher',
};

/** Of each server, with the large one. */
export const crowdCpu: Metric = {
  key: 'crowd-cpu',
  label: 'CPU per delivery, window 1, large audience',
  unit: 'µs',
  digits: 2,
  better: 'lower',
};
export const accept: Metric = {
  key: 'accept',
  label: 'CPU per accepted watcher, just started',
  unit: 'µs',
  digits: 0,
  better: 'lower',
};
export const acceptAgain: Metric = {
  key: 'accept-again',
  label: 'CPU per accepted watcher, warm',
  unit: 'µs',
  digits: 0,
  better: 'lower',
};
export const memory: Metric = {
  key: 'memory',
  label: 'memory per idle watcher',
  unit: 'kB',
  digits: 2,
  better: 'lower',
};

/** Of publishing to many streams with one watcher each. */
export const publishes: Metric = {
  key: 'publishes',
  label: 'publishes a second, 16 outstanding',
  unit: '/s',
  digits: 0,
  better: 'higher',
  over: 'streams',
};
export const publishP99: Metric = {
  key: 'publish-p99',
  label: 'p99 of a publish',
  unit: 'ms',
  digits: 2,
  better: 'lower',
  over: 'streams',
};
export const publishCpu: Metric = {
  key: 'publish-cpu',
  label: 'CPU per publish, to all in turn',
  unit: 'µs',
  digits: 1,
  better: 'lower',
  over: 'streams',
};
export const publishCpuToFew: Metric = {
  key: 'publish-cpu-to-few',
  label: 'CPU per publish, to 16 of them',
  unit: 'µs',
  digits: 1,
  better: 'lower',
  over: 'streams',
};

/** How the cost grows. */
export const cpuByWatchers: Metric = {
  key: 'by-watchers',
  label: 'CPU per delivery',
  unit: 'µs',
  digits: 2,
  better: 'lower',
  over: 'watchers',
};
export const cpuByPayload: Metric = {
  key: 'by-payload',
  label: 'CPU per delivery',
  unit: 'µs',
  digits: 2,
  better: 'lower',
  over: 'bytes of data',
};
export const cpuByWanting: Metric = {
  key: 'by-wanting',
  label: 'CPU per publish, 1,000 watchers in all, each on 100 streams by pattern',
  unit: 'µs',
  digits: 1,
  better: 'lower',
  over: 'watchers of the event',
};
export const cpuByPatterns: Metric = {
  key: 'by-patterns',
  label: 'CPU per publish to 10 watchers, each pattern in turn',
  unit: 'µs',
  digits: 1,
  better: 'lower',
  over: 'patterns',
};
export const cpuByPatternsToOne: Metric = {
  key: 'by-patterns-to-one',
  label: 'CPU per publish to 10 watchers, of one pattern only',
  unit: 'µs',
  digits: 1,
  better: 'lower',
  over: 'patterns',
};

export const metrics: readonly Metric[] = [
  cpu,
  crowdCpu,
  throughput,
  highest,
  cpuAt,
  latency,
  memory,
  accept,
  acceptAgain,
  publishes,
  publishP99,
  publishCpu,
  publishCpuToFew,
  cpuByWatchers,
  cpuByPayload,
  cpuByWanting,
  cpuByPatterns,
  cpuByPatternsToOne,
];
