import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import type { Test } from 'tap';
import { type Fault, none } from './faults.js';
import { Line } from './line.js';

/** A TCP proxy between clients and a hub that fails the way networks do. */
export interface FaultProxy {
  readonly url: string;
  readonly port: number;
  /** Connections so far. */
  readonly accepted: number;
  /** Connections that are open. */
  readonly open: number;
  /** What befalls further connections, on their way to the hub; at first nothing. */
  up: Fault;
  /** The same on their way to the client. */
  down: Fault;
  /** Ends every connection there is. */
  cut(how?: 'reset' | 'fin'): void;
  /** Every connection there is falls silent. */
  freeze(): void;
  /** Frozen connections go on, further ones are sound. */
  heal(): void;
}

/** Starts a proxy before a hub, closed with the test. */
export async function openFaultProxy(t: Test, hub: string): Promise<FaultProxy> {
  const target = { port: Number(new URL(hub).port), host: '127.0.0.1', allowHalfOpen: true };
  const lines = new Set<Line>();
  let accepted = 0;
  const server = createServer({ allowHalfOpen: true }, (near) => {
    const far = connect(target);
    const line = new Line(near, far, proxy.up, proxy.down);
    accepted++;
    lines.add(line);
    line.closed.then(() => lines.delete(line));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const proxy: FaultProxy = {
    url: `http://127.0.0.1:${port}`,
    port,
    up: none,
    down: none,
    get accepted() {
      return accepted;
    },
    get open() {
      return lines.size;
    },
    cut(how = 'reset') {
      for (const line of lines) {
        line.cut(how);
      }
    },
    freeze() {
      for (const line of lines) {
        line.freeze();
      }
    },
    heal() {
      Object.assign(proxy, { up: none, down: none });
      for (const line of lines) {
        line.thaw();
      }
    },
  };
  t.teardown(() => {
    proxy.cut();
    server.close();
  });
  return proxy;
}
