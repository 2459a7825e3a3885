import t from 'tap';
import { build } from '../support/build.js';

t.test('GET / tells what runs and where to go', async (t) => {
  const { app } = await build(t);
  const response = await app.inject('/');
  t.equal(response.statusCode, 200);
  t.equal(response.headers.vary, 'Origin, Accept');
  t.match(response.json(), { status: 'running', message: 'SSE Server is running', clients: 0 });
});
