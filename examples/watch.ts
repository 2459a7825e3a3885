import { connect, StreamError } from '../client/index.js';

interface Events {
  'stock-update': { price: string; trend: -1 | 0 | 1; timestamp: number };
  notification: { id: number; message: string; timestamp: number };
}

const [hub = 'http://127.0.0.1:3000', streams = 'stock,notifications'] = process.argv.slice(2);
const stop = new AbortController();
process.once('SIGINT', () => stop.abort());

const connection = connect<Events>(`${hub}/events?streams=${streams}`, {
  signal: stop.signal,
  // Asked before each attempt, so a token can be fresh.
  headers: async () => (process.env.KEY ? { authorization: `Bearer ${process.env.KEY}` } : {}),
  onState: (state) => {
    if (state.status === 'waiting') {
      console.error(`${state.reason.message}; again in ${state.delayMs} ms`);
    }
  },
  onGap: ({ reason, gaps }) =>
    console.error(`missed some events of ${gaps?.length ? gaps : 'any of the streams'}: ${reason}`),
});

connection.on('stock-update', ({ data }) => console.log(`price ${data.price}`));

try {
  for await (const { id, stream, type, data } of connection) {
    console.log(id, stream, type, JSON.stringify(data));
  }
} catch (error) {
  console.error(error instanceof StreamError ? `stopped for good: ${error.message}` : error);
  process.exitCode = 1;
}
