import type { Audience, Connected } from '../client/protocol.js';
import { type Client, spawnClient } from '../client/spawn.js';
import type { Child } from '../support/child.js';
import { CLIENT_CPU, type Contender } from './contenders.js';

/** A server with its watchers, for as long as a measurement takes. */
export interface Session {
  readonly server: Child;
  readonly call: Client['call'];
  /** What connecting cost. */
  readonly connected: Connected;
  /** Cuts the audience off and connects one like it. */
  connectAgain(idleSeconds: number): Promise<Connected>;
}

/** Starts a server and a client, connects the audience, and stops both when `use` is done. */
export async function withSession<T>(
  contender: Contender,
  audience: Audience,
  use: (session: Session) => Promise<T>,
): Promise<T> {
  const server = await contender.start();
  const client = spawnClient(CLIENT_CPU);
  try {
    const { watch, publish } = contender;
    const target = { port: Number(new URL(server.url).port), pids: [server.pid], watch, publish };
    const { call } = client;
    const connected = await call('connect', { target, audience });
    const connectAgain = async (idleSeconds: number) => {
      await call('cut', { watchers: audience.watchers });
      await call('hold', { seconds: idleSeconds });
      return call('connect', { target, audience });
    };
    return await use({ server, call, connected, connectAgain });
  } finally {
    await client.stop();
    await server.stop();
  }
}
