import type { Generator } from './generator.js';

const START_PRICE = 100;
const MIN_PRICE = 1;
const MAX_STEP = 1;

/** The price of a simulated stock: a random walk in cents. `trend` is the direction of the last step. */
export function createStock(intervalMs: number): Generator {
  let price = START_PRICE;
  return {
    stream: 'stock',
    type: 'stock-update',
    intervalMs,
    next: (now) => {
      const previous = price;
      const step = (Math.random() * 2 - 1) * MAX_STEP;
      price = Math.max(MIN_PRICE, Math.round((price + step) * 100) / 100);
      return { price: price.toFixed(2), trend: Math.sign(price - previous), timestamp: now };
    },
  };
}
