import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Child, end } from '../support/child.js';

const NGINX = ['/usr/sbin/nginx', '/usr/local/sbin/nginx', '/usr/bin/nginx'].find(existsSync);
const MODULE = ['/usr/lib/nginx/modules', '/usr/share/nginx/modules', '/usr/lib64/nginx/modules']
  .map((directory) => join(directory, 'ngx_nchan_module.so'))
  .find(existsSync);

/** True where nginx and its module nchan are (Debian: `nginx`, `libnginx-mod-nchan`). */
export const hasNchan = NGINX !== undefined && MODULE !== undefined;

const ATTEMPTS = 200;
const ATTEMPT_MS = 25;

const configuration = (port: number) => `
load_module ${MODULE};
worker_processes 1;
daemon off;
pid nginx.pid;
error_log error.log warn;
events { worker_connections 19500; }
http {
  access_log off;
  keepalive_requests 100000000;
  tcp_nodelay on;
  nchan_shared_memory_size 512M;
  client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
  server {
    listen 127.0.0.1:${port} backlog=4096;
    client_max_body_size 1m;
    client_body_buffer_size 256k;
    location = /publish {
      nchan_publisher; nchan_channel_id $arg_id; nchan_message_buffer_length 100; nchan_message_timeout 10m;
    }
    location = /watch { nchan_subscriber eventsource; nchan_channel_id $arg_id; nchan_subscriber_first_message newest; }
  }
}
`;

/** nginx with one worker, configured in a directory of its own. */
export async function startNchan(cpu?: number): Promise<Child> {
  const directory = mkdtempSync(join(tmpdir(), 'bench-nchan-'));
  const port = await freePort();
  writeFileSync(join(directory, 'nginx.conf'), configuration(port));
  const command = [`${NGINX}`, '-p', directory, '-c', join(directory, 'nginx.conf'), '-e', 'stderr'];
  const [file = '', ...args] = cpu === undefined ? command : ['taskset', '-c', String(cpu), ...command];
  const child = spawn(file, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  const master = child.pid ?? 0;
  await eventually(() => isAnswering(port));
  await eventually(async () => workerOf(master) !== 0);
  return {
    url: `http://127.0.0.1:${port}`,
    pid: workerOf(master),
    async stop() {
      await end(child);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as { port: number };
  probe.close();
  await once(probe, 'close');
  return port;
}

/** The process that serves; 0 before there is one. */
function workerOf(master: number): number {
  return Number.parseInt(readFileSync(`/proc/${master}/task/${master}/children`, 'utf8'), 10) || 0;
}

async function isAnswering(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  const isOpen = await new Promise<boolean>((resolve) => {
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
  });
  socket.destroy();
  return isOpen;
}

async function eventually(condition: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (await condition()) {
      return;
    }
    await sleep(ATTEMPT_MS);
  }
  throw new Error('nginx does not answer');
}
