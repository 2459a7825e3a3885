import { type Agent, request } from 'node:http';

export interface Outgoing {
  readonly method: 'POST' | 'PUT';
  readonly path: string;
  readonly type: 'application/json' | 'application/x-ndjson' | 'text/plain';
  readonly body: string;
}

const TIMEOUT_MS = 20_000;

/** Sends a request and resolves with the status of its answer, 0 where none came. */
export function exchange(port: number, agent: Agent, outgoing: Outgoing, key: string): Promise<number> {
  const { method, path, type, body } = outgoing;
  const headers = { 'content-type': type, 'content-length': Buffer.byteLength(body), 'idempotency-key': key };
  return new Promise((resolve) => {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const sent = request({ port, host: '127.0.0.1', agent, method, path, headers, signal }, (answer) => {
      answer.resume().on('close', () => resolve(answer.statusCode ?? 0));
    });
    sent.on('error', () => resolve(0)).end(body);
  });
}
