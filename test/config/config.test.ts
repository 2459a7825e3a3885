import t from 'tap';
import { isLoopbackName } from '../../src/access/loopback.js';
import { resolveConfig } from '../../src/config/resolve.js';
import { hubSchema, serverSchema } from '../../src/config/settings.js';
import { ConfigError } from '../../src/errors.js';
import { readEnvironment, variableOf } from '../../src/server/environment.js';

/** What is documented: the variable and its default, but for those that depend on the machine. */
const DEFAULTS = {
  HOST: '127.0.0.1',
  PORT: 3000,
  LOG_LEVEL: 'info',
  DEMO: true,
  LOG: 'disk',
  DATA_DIR: './data',
  DAMAGED: 'refuse',
  HISTORY_EVENTS: 1_000_000,
  HISTORY_BYTES: 1_073_741_824,
  HISTORY_AGE_MS: 604_800_000,
  HISTORY_EVENTS_PER_STREAM: 100_000,
  IDEMPOTENCY_WINDOW_MS: 600_000,
  WINDOW_BYTES: 67_108_864,
  HEARTBEAT_INTERVAL_MS: 15_000,
  RETRY_MS: 2000,
  MAX_EVENT_BYTES: 262_144,
  MAX_BATCH_EVENTS: 1000,
  MAX_BATCH_BYTES: 4_194_304,
  PUBLISH_RATE: 1000,
  MAX_STREAMS: 100_000,
  MAX_STREAMS_PER_PRINCIPAL: 0,
  MAX_CONNECTIONS_PER_IP: 1000,
  MAX_OPENS_PER_IP: 3000,
  MAX_CONNECTIONS_PER_PRINCIPAL: 1000,
  MAX_BUFFERED_BYTES: 1_048_576,
  MAX_CONNECTION_AGE_MS: 0,
  MAX_EVENT_LOOP_LAG_MS: 1000,
  DEFAULT_STREAMS: 'stock,metrics,notifications',
  CORS_ORIGIN: 'loopback',
  CORS_CREDENTIALS: false,
  AUTH: 'local',
  AUTH_KEYS_FILE: '',
  AUTH_JWT_KEY: '',
  AUTH_JWT_SECRET: '',
  AUTH_JWT_ALGORITHM: '',
  AUTH_JWT_ISSUER: '',
  AUTH_JWT_AUDIENCE: '',
  AUTH_ANONYMOUS_SUBSCRIBE: '',
  TRUST_PROXY: '',
  TLS_CERT: '',
  TLS_KEY: '',
  REQUEST_TIMEOUT_MS: 30_000,
  SHUTDOWN_GRACE_MS: 10_000,
  TIME_INTERVAL_MS: 5000,
  USER_ACTION_INTERVAL_MS: 10_000,
  STOCK_INTERVAL_MS: 2000,
  METRICS_INTERVAL_MS: 3000,
  NOTIFICATIONS_INTERVAL_MS: 5000,
  PROGRESS_INTERVAL_MS: 100,
  CLOCK_INTERVAL_MS: 1000,
  NUMBERS_INTERVAL_MS: 10_000,
};

function byVariable(config: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(config).map(([key, value]) => [variableOf(key), value]));
}

t.test('every setting has its variable and its default', async (t) => {
  const { MAX_CONNECTIONS, ...others } = byVariable(readEnvironment({}));
  t.same(others, DEFAULTS);
  t.ok(Number.isInteger(MAX_CONNECTIONS) && Number(MAX_CONNECTIONS) > 0, 'what the open-file limit leaves');
});

t.test('embedded, nothing comes from the machine: no demo, history in memory', async (t) => {
  t.match(resolveConfig(hubSchema, {}), { demo: false, log: 'memory', maxConnections: 10_000 });
});

t.test('every setting is read from its variable', async (t) => {
  const other: Record<string, string> = { LOG: 'memory', DAMAGED: 'skip', LOG_LEVEL: 'debug', DEMO: 'false' };
  const numbers = Object.entries(DEFAULTS).filter(([, value]) => typeof value === 'number');
  const texts = { HOST: '::1', DATA_DIR: '/tmp/x', DEFAULT_STREAMS: 'a,b.*', CORS_ORIGIN: 'https://a.example' };
  const access = {
    AUTH: 'on',
    AUTH_KEYS_FILE: 'keys.json',
    AUTH_JWT_KEY: 'issuer.pem',
    AUTH_JWT_ALGORITHM: 'ES256',
    AUTH_JWT_ISSUER: 'https://issuer.example',
    AUTH_JWT_AUDIENCE: 'sluice',
    AUTH_ANONYMOUS_SUBSCRIBE: 'public.*',
    TRUST_PROXY: 'loopback, 10.0.0.0/8',
    CORS_CREDENTIALS: 'true',
    TLS_CERT: 'cert.pem',
    TLS_KEY: 'key.pem',
  };
  const env = {
    ...Object.fromEntries(numbers.map(([variable, value]) => [variable, String(Number(value) + 1)])),
    ...texts,
    ...other,
    ...access,
    MAX_CONNECTIONS: '7',
  };
  const read = byVariable(readEnvironment(env));
  for (const [variable, text] of Object.entries(env)) {
    t.equal(String(read[variable]), text, variable);
  }
  const others = Object.keys(serverSchema.properties)
    .map(variableOf)
    .filter((variable) => !(variable in env));
  t.strictSame(others, ['AUTH_JWT_SECRET'], 'which takes the place of AUTH_JWT_KEY');
  t.equal(readEnvironment({ AUTH_JWT_SECRET: 's'.repeat(32) }).authJwtSecret, 's'.repeat(32));
});

t.test('an empty variable is none, and others do not matter', async (t) => {
  t.match(readEnvironment({ PORT: '', HISTORY_EVENTS: '', PATH: '/bin', port: '5' }), {
    port: 3000,
    historyEvents: 1_000_000,
  });
});

for (const [variable, value] of [
  ['PORT', 'abc'],
  ['PORT', '-1'],
  ['PORT', '65536'],
  ['PORT', '3000.5'],
  ['PORT', '0x10'],
  ['PORT', '80 '],
  ['HISTORY_EVENTS', '1e6'],
  ['HISTORY_EVENTS', '0'],
  ['HISTORY_BYTES', 'Infinity'],
  ['HISTORY_BYTES', '99999999999999999999'],
  ['HISTORY_AGE_MS', '999'],
  ['WINDOW_BYTES', '1000'],
  ['MAX_BUFFERED_BYTES', '100'],
  ['HEARTBEAT_INTERVAL_MS', '2147483648'],
  ['PROGRESS_INTERVAL_MS', '9'],
  ['SHUTDOWN_GRACE_MS', '99'],
  ['DEMO', 'yes'],
  ['LOG', 'tape'],
  ['DAMAGED', 'ignore'],
  ['LOG_LEVEL', 'loud'],
  ['DEFAULT_STREAMS', 'a b'],
  ['DEFAULT_STREAMS', ','],
  ['DEFAULT_STREAMS', Array.from({ length: 101 }, (_, i) => `s${i}`).join(',')],
] as const) {
  t.test(`${variable}=${value.slice(0, 30)} is refused in one line that names it`, async (t) => {
    const read = () => readEnvironment({ [variable]: value });
    t.throws(read, { name: 'ConfigError', message: new RegExp(`^${variable}: [^\\n]+$`) });
  });
}

t.test('the line says what the value may be, and what it is', async (t) => {
  const message = (env: NodeJS.ProcessEnv) => {
    try {
      readEnvironment(env);
      return undefined;
    } catch (error) {
      return (error as Error).message;
    }
  };
  const port = 'PORT: Port to listen on; 0 for any free one: must be integer from 0 to 65535, but it is "abc"';
  t.equal(message({ PORT: 'abc' }), port);
  t.match(message({ DEMO: 'off' }), /^DEMO: .+: must be true or false, but it is "off"$/);
  t.match(message({ LOG: 'tape' }), /: must be disk or memory, but it is "tape"$/);
  t.match(message({ HISTORY_AGE_MS: '5' }), /: must be integer of at least 1000, but it is 5$/);
});

t.test('as options of the plugin, settings are named as they are there', async (t) => {
  t.throws(() => resolveConfig(hubSchema, { maxEventBytes: '5' }), { message: /^maxEventBytes: .* but it is "5"$/ });
  t.throws(() => resolveConfig(hubSchema, { historyEvent: 5 }), { message: /^historyEvent: no such setting/ });
  t.throws(() => resolveConfig(hubSchema, { port: 5 }), ConfigError, 'the port is the host’s own');
  t.equal(resolveConfig(hubSchema, { maxEventBytes: undefined }).maxEventBytes, 262_144);
});

t.test('a directory for a history that would be in memory is a mistake; said on purpose it is none', async (t) => {
  t.throws(() => resolveConfig(hubSchema, { dataDir: './data' }), {
    name: 'ConfigError',
    message: 'dataDir: nothing would be kept there; set log to disk, too',
  });
  t.equal(resolveConfig(hubSchema, { dataDir: './data', log: 'memory' }).log, 'memory');
  t.equal(readEnvironment({ DATA_DIR: './data' }).log, 'disk');
});

t.test('the demo runs by default only on loopback and outside production', async (t) => {
  const demo = (env: NodeJS.ProcessEnv) => readEnvironment(env).demo;
  t.equal(demo({}), true);
  for (const HOST of ['localhost', 'LOCALHOST', '127.0.0.1', '127.1.2.3', '::1', '::ffff:127.0.0.1']) {
    t.equal(demo({ HOST }), true, HOST);
  }
  for (const HOST of ['0.0.0.0', '::', '192.168.1.1', '10.127.0.0', 'localhost.example.com', '127.0.0.1.example.com']) {
    t.equal(demo({ HOST, AUTH: 'off' }), false, HOST);
    t.equal(isLoopbackName(HOST), false);
  }
  t.equal(demo({ NODE_ENV: 'production' }), false);
  t.equal(demo({ NODE_ENV: 'development' }), true);
  t.equal(demo({ HOST: '0.0.0.0', AUTH: 'off', DEMO: 'true' }), true, 'a word turns it on anywhere');
  t.equal(demo({ NODE_ENV: 'production', DEMO: '1' }), true);
  t.equal(demo({ DEMO: 'false' }), false);
  t.equal(demo({ AUTH_KEYS_FILE: 'keys.json' }), false, 'not for those with a key');
});
