import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { Test } from 'tap';
import type { Hub } from './support.js';

export interface Relay {
  readonly url: string;
  /** Cuts every connection there is. */
  cut(): void;
}

/** A wire between client and hub that can be cut. */
export async function relay(t: Test, hub: Hub): Promise<Relay> {
  const { port } = new URL(hub.url);
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(Number(port), '127.0.0.1');
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    }
    near.pipe(far).pipe(near);
  }).listen(0, '127.0.0.1');
  const cut = () => {
    for (const socket of sockets) {
      socket.resetAndDestroy();
    }
  };
  t.teardown(() => {
    cut();
    server.close();
  });
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, cut };
}
