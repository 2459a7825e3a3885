import t from 'tap';
import { bearer, guard } from '../support/keys.js';

const everything = { publish: ['*'], subscribe: ['*'] };

t.test('a key begins at most MAX_STREAMS_PER_PRINCIPAL streams, and more when some of them are purged', async (t) => {
  const { app } = await guard(t, { ours: everything, theirs: everything }, { maxStreamsPerPrincipal: 3 });
  const send = async (method: 'POST' | 'PUT' | 'DELETE', url: string, name: string, payload?: object) => {
    const { statusCode } = await app.inject({ method, url, headers: bearer(name), ...(payload && { payload }) });
    return statusCode;
  };
  const data = { a: 1 };
  t.equal(await send('POST', '/sse/a', 'ours', data), 201);
  t.equal(await send('PUT', '/tasks/b', 'ours', { moved: 1, total: 2 }), 200);
  const batch = ['c', 'd'].map((stream) => ({ stream, data }));
  t.equal(await send('POST', '/events', 'ours', batch), 429, 'a batch, all or nothing');
  t.equal(app.bus.log.head, 2);
  t.equal(await send('POST', '/notify', 'ours', { message: 'hello' }), 201);
  t.equal(await send('POST', '/sse/e', 'ours', data), 429);
  t.equal(await send('POST', '/sse/a', 'ours', data), 201, 'those that are there go on');
  t.equal(await send('POST', '/sse/e', 'theirs', data), 201, 'and so do others');
  t.equal(await send('POST', '/sse/e', 'ours', data), 201, 'whose streams are open to it');
  t.equal(await send('DELETE', '/sse/a', 'ours'), 200);
  t.equal(await send('POST', '/sse/f', 'ours', data), 201);
  const refused = await app.inject({ method: 'POST', url: '/sse/g', headers: bearer('ours'), payload: data });
  t.match(refused.json(), { statusCode: 429, code: 'SLUICE_TOO_MANY_STREAMS', message: /limit of 3 streams/ });
});
