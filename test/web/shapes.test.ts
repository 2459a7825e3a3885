import t from 'tap';
import { toMetrics, toPrice } from '../../web/src/live/shapes.js';

const NOW = 1_700_000_000_000;

t.test('a price the chart can draw is taken, with its time or that of its arrival', async (t) => {
  t.match(toPrice({ price: '12.5', trend: 1, timestamp: NOW - 1 }, NOW), { price: 12.5, trend: 1, time: NOW - 1 });
  t.match(toPrice({ price: -1e12 }, NOW), { price: -1e12, trend: 0, time: NOW });
});

t.test('a price that would make ticks without end is not taken', async (t) => {
  for (const price of [Number.MAX_SAFE_INTEGER, '1e17', -1e13, 1e308, 'Infinity', 'much']) {
    t.equal(toPrice({ price }, NOW), undefined, `price ${price}`);
  }
  for (const timestamp of [-8.64e15, -1, 0]) {
    t.equal(toPrice({ price: 1, timestamp }, NOW), undefined, `timestamp ${timestamp}`);
  }
});

t.test('figures stay within what can be drawn', async (t) => {
  const figures = { cpu: 1e308, memory: -1e308, requests: 1e308, clients: 1e308, load: 1e308, rssBytes: 1e308 };
  const { time, ...metrics } = toMetrics({ ...figures, uptime: 1e308 }, NOW) ?? { time: 0 };
  t.equal(time, NOW);
  t.equal(Object.keys(metrics).length, 7);
  for (const [name, value] of Object.entries(metrics)) {
    t.ok(Math.abs(value) <= 1e12, name);
  }
});
