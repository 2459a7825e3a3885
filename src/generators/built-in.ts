import { createClock } from './clock.js';
import type { Generator, GeneratorIntervals } from './generator.js';
import { createMetrics, type ServerFigures } from './metrics.js';
import { createNotifications } from './notifications.js';
import { createProgressGenerator } from './progress.js';
import { createStock } from './stock.js';
import { createTime } from './time.js';
import { createUserAction } from './user-action.js';

/** The built-in generators: without the demo only the metrics, which are real. */
export function createGenerators(demo: boolean, intervals: GeneratorIntervals, server: ServerFigures): Generator[] {
  const metrics = createMetrics(intervals.metricsIntervalMs, server);
  return demo ? [metrics, ...createDemo(intervals)] : [metrics];
}

function createDemo(intervals: GeneratorIntervals): Generator[] {
  return [
    createTime(intervals.timeIntervalMs),
    createUserAction(intervals.userActionIntervalMs),
    createStock(intervals.stockIntervalMs),
    createNotifications(intervals.notificationsIntervalMs),
    createProgressGenerator(intervals.progressIntervalMs),
    createClock(intervals.clockIntervalMs),
  ];
}
