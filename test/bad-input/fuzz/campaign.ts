import fc from 'fast-check';
import Fastify, { type FastifyInstance, LogController } from 'fastify';
import sluice, { type SluiceOptions } from '../../../src/app.js';
import { createTestClock, turn } from '../../support/clock.js';
import { readDocument } from './document.js';
import { type Mode, modes } from './modes.js';
import { type FuzzRequest, requestsOf } from './requests.js';
import { complaint, type Reply } from './verdict.js';

interface Campaign {
  readonly requests: number;
  readonly seed: number;
}

interface CampaignReport {
  /** Replies by status. */
  readonly statuses: Readonly<Record<string, number>>;
  /** The first request with a wrong reply, as small as it could be made, and how to have it again. */
  readonly failure?: string;
}

/** So small that every limit is met. */
const LIMITS: SluiceOptions = {
  maxStreams: 60,
  maxEventBytes: 1500,
  maxBatchBytes: 3000,
  maxBatchEvents: 5,
  historyEvents: 100,
  maxConnections: 1,
  // How busy the machine is must not change an answer.
  maxEventLoopLagMs: 0,
};

/** A hub is new after so many, so that its limits are met again and again, and not only met. */
const REQUESTS_EACH = 5000;

/** Sends requests made from the hub's own document, and judges every reply. Stops at the first that is wrong. */
export async function fuzz({ requests, seed }: Campaign): Promise<CampaignReport> {
  const statuses: Record<string, number> = {};
  for (let sent = 0; sent < requests; sent += REQUESTS_EACH) {
    const failure = await fuzzOne(Math.min(REQUESTS_EACH, requests - sent), seed + sent, statuses);
    if (failure !== undefined) {
      return { statuses, failure };
    }
  }
  return { statuses };
}

/** One hub. Requests come one after the other, so that what each has stored is known. */
async function fuzzOne(requests: number, seed: number, statuses: Record<string, number>): Promise<string | undefined> {
  const problems: string[] = [];
  // By the seed, so that a failure comes again with it.
  const { options, headers } = modes[seed % modes.length] as Mode;
  const app = await open({ ...LIMITS, ...options }, problems);
  const operations = await readDocument(app);
  const property = fc.asyncProperty(requestsOf(operations, headers), async (request) => {
    const reply = await send(app, request);
    statuses[reply.status] = (statuses[reply.status] ?? 0) + 1;
    const wrong = complaint(operations, request, reply) ?? problems.shift();
    if (wrong !== undefined) {
      throw new Error(`${wrong}\n${JSON.stringify(reply)}`);
    }
  });
  const details = await fc.check(property, { numRuns: requests, seed });
  await turn();
  const left = app.streams.size;
  await app.close();
  if (details.failed) {
    return `--requests ${requests} --seed ${seed}\n${details.errorInstance}\n${fc.defaultReportMessage(details)}`;
  }
  return left === 0 ? undefined : `--seed ${seed}: ${left} watchers are left`;
}

async function open(options: SluiceOptions, problems: string[]): Promise<FastifyInstance> {
  const app = Fastify({
    logger: { level: 'error', stream: { write: (line: string) => problems.push(line) } },
    logController: new LogController({ disableRequestLogging: true }),
    return503OnClosing: false,
    routerOptions: { maxParamLength: 512 },
  });
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-route', request.routeOptions.url?.replace(/:(\w+)/g, '{$1}') ?? '');
  });
  app.register(sluice, { clock: createTestClock(), ...options });
  await app.ready();
  return app;
}

async function send(app: FastifyInstance, { method, url, headers, body }: FuzzRequest): Promise<Reply> {
  const { log } = app.bus;
  const before = log.head;
  const response = await app.inject({
    method: method as 'GET',
    url,
    headers: { ...headers },
    ...(body !== undefined && { payload: body }),
    payloadAsStream: true,
  });
  const { statusCode: status, headers: replied } = response;
  const isStream = String(replied['content-type']).startsWith('text/event-stream') && method !== 'HEAD';
  let text = '';
  for await (const chunk of response.stream()) {
    text += chunk;
    if (isStream) {
      response.raw.res.destroy();
      break;
    }
  }
  return { status, headers: replied, body: text, route: String(replied['x-route'] ?? ''), stored: log.head - before };
}
