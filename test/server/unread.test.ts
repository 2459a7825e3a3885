import { connect as open, type Socket } from 'node:net';
import { connect as openTls } from 'node:tls';
import t from 'tap';
import { makeCertificate } from '../support/certificate.js';
import { connect, request } from '../support/raw-client.js';
import { startServer } from './process.js';

/** The time for an answer, and that for the next request, a hundred times shorter. */
const HURRY = `
  import { Socket } from 'node:net';
  const wait = Socket.prototype.setTimeout;
  Socket.prototype.setTimeout = function (ms, ...rest) { return wait.call(this, ms === 72_000 ? 720 : ms, ...rest) };
`;
const LARGE = request('GET /docs/static/swagger-ui-bundle.js').repeat(17);

t.test('who takes nothing of an answer is cut off; a quiet stream is not', async (t) => {
  const { cert, key } = makeCertificate(t);
  const plain = (port: number): Socket => open({ port, host: '127.0.0.1' });
  const secure = (port: number): Socket => openTls({ port, rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] });
  for (const [env, dial] of [
    [{}, plain],
    [{ TLS_CERT: cert, TLS_KEY: key }, secure],
  ] as const) {
    const settings = { LOG: 'memory', DEMO: 'false', HEARTBEAT_INTERVAL_MS: '60000' };
    const hurry = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(HURRY)}` };
    const { port } = await startServer(t, { ...settings, ...hurry, ...env });
    const stream = await connect(t, port, request('GET /sse/a'), dial(port));
    await stream.until(/event: connected/);
    const idle = await connect(t, port, LARGE, dial(port));
    idle.socket.pause();
    await new Promise((resolve) => setTimeout(resolve, 3000));
    idle.socket.resume();
    await idle.ending;
    const whole = idle.text.split('HTTP/1.1 200 OK').length - 1;
    t.ok(whole > 0 && whole < 17, `${whole} of 17 answers had begun`);
    const publisher = await connect(
      t,
      port,
      request('POST /sse/a', { 'content-type': 'text/plain', 'content-length': '5' }, 'hello'),
      dial(port),
    );
    await publisher.until(/"subscribers":1/);
    await stream.until(/data: hello/);
  }
});
