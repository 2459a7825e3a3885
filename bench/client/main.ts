import { LoadClient } from './load-client.js';

/** The client's process: does what its parent asks for, see `Commands`. */
const client = new LoadClient();

process.on('message', async ({ command, options }: { command: keyof LoadClient; options: never }) => {
  try {
    process.send?.({ result: await client[command](options) });
  } catch (error) {
    process.send?.({ error: (error as Error).message });
  }
});
