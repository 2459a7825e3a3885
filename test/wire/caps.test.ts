import t from 'tap';
import { startServer } from '../server/process.js';
import { bearer, guard } from '../support/keys.js';
import { connect, type RawClient, readBody, request } from '../support/raw-client.js';
import { dataOf, watch } from '../support/watch.js';
import { eventually, serve } from './serve.js';

const LIMITS = { AUTH: 'off', LOG: 'memory', DEMO: 'false', TRUST_PROXY: '127.0.0.1', MAX_CONNECTIONS_PER_IP: '2' };

t.test(
  'one address too often is refused in the stream, others are not, and it comes in when there is room',
  async (t) => {
    const server = await startServer(t, LIMITS);
    const watch = (ip: string) => connect(t, server.port, request('GET /sse/a', { 'x-forwarded-for': ip }));
    const taken = async (client: RawClient) => /"resume":"fresh"/.test(await client.until(/\n\n/));
    const [first] = [await watch('192.0.2.1'), await watch('192.0.2.1')];
    t.ok(await taken(first));
    await eventually(() => server.lines.filter(({ event }) => event === 'connect').length === 2);

    const refused = await watch('192.0.2.1');
    t.equal(await refused.ending, 'fin');
    t.match(refused.text, /^HTTP\/1\.1 200 /);
    const { messages, retries, cursor } = readBody(refused.text);
    const [refusal, ...others] = messages;
    t.match(refusal, { event: 'refused', data: /SLUICE_TOO_MANY_PER_IP/ });
    t.strictSame(others, []);
    t.equal(retries.length, 1);
    t.equal(cursor, undefined);
    await eventually(() => server.lines.some(({ event }) => event === 'refuse'));
    t.match(
      server.lines.find(({ event }) => event === 'refuse'),
      { ip: '192.0.2.1', code: 'SLUICE_TOO_MANY_PER_IP' },
    );

    t.ok(await taken(await watch('192.0.2.2')), 'another address');
    first.socket.destroy();
    await eventually(() => server.lines.some(({ event }) => event === 'disconnect'));
    t.ok(await taken(await watch('192.0.2.1')), 'there is room again');
  },
);

t.test('connections of this machine are not counted', async (t) => {
  const { app, port } = await serve(t, { maxConnectionsPerIp: 1, maxOpensPerIp: 1 });
  await Promise.all(Array.from({ length: 10 }, () => connect(t, port, request('GET /sse/a'))));
  await eventually(() => app.streams.size === 10);
  t.ok(Object.values(app.streams.refused).every((count) => count === 0));
});

t.test('a key has so many streams at once, other keys and who has not signed in have theirs', async (t) => {
  const rights = { subscribe: ['*'] };
  const options = { maxConnectionsPerPrincipal: 1, authAnonymousSubscribe: 'a' };
  const { app } = await guard(t, { one: rights, two: rights }, options);
  const first = await watch(app, '/sse/a', bearer('one'));
  const refused = await watch(app, '/sse/b', bearer('one'));
  t.equal(refused.statusCode, 200);
  t.match(dataOf(refused.messages[0]), { code: 'SLUICE_TOO_MANY_PER_PRINCIPAL' });
  for (const headers of [bearer('two'), {}, {}]) {
    t.match(dataOf((await watch(app, '/sse/a', headers)).messages[0]), { resume: 'fresh' });
  }
  await first.leave();
  t.match(dataOf((await watch(app, '/sse/a', bearer('one'))).messages[0]), { resume: 'fresh' });
});
