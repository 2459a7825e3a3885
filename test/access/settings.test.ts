import t from 'tap';
import { resolveConfig } from '../../src/config/resolve.js';
import { hubSchema } from '../../src/config/settings.js';
import { readEnvironment } from '../../src/server/environment.js';

const SECRET = 's'.repeat(32);

function messageOf(run: () => unknown): string | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

t.test('standalone the mode follows from what is configured', async (t) => {
  const mode = (env: NodeJS.ProcessEnv) => readEnvironment(env).auth;
  t.equal(mode({}), 'local');
  t.equal(mode({ AUTH_KEYS_FILE: 'keys.json' }), 'on');
  t.equal(mode({ AUTH_JWT_SECRET: SECRET }), 'on');
  t.equal(mode({ AUTH_JWT_KEY: 'key.pem', HOST: '0.0.0.0' }), 'on');
  t.equal(mode({ AUTH: 'off', HOST: '0.0.0.0' }), 'off');
});

t.test('embedded it is off until it is asked for', async (t) => {
  t.equal(resolveConfig(hubSchema, {}).auth, 'off');
});

const WAYS =
  /AUTH_KEYS_FILE \(npx sluice-key makes keys\), AUTH_JWT_KEY or AUTH_JWT_SECRET, or AUTH=off to let everybody/;

t.test('what others reach does not start with nothing configured, and the line says the ways on', async (t) => {
  for (const HOST of ['0.0.0.0', '::', '192.168.1.5', 'hub.example', '127.0.0.999', '127.0.0.1.example.com', '0']) {
    t.match(
      messageOf(() => readEnvironment({ HOST })),
      /^HOST: [^\n]+$/,
      HOST,
    );
    t.match(
      messageOf(() => readEnvironment({ HOST, AUTH: 'local' })),
      WAYS,
      HOST,
    );
  }
  const proxied = messageOf(() => readEnvironment({ TRUST_PROXY: 'loopback' }));
  t.match(proxied, /^TRUST_PROXY: others come through a proxy/);
  t.match(proxied, WAYS);
});

for (const [env, problem] of [
  [{ AUTH: 'on' }, /^AUTH: on, but nobody can have a key or token: set AUTH_KEYS_FILE, /],
  [{ AUTH: 'on', AUTH_ANONYMOUS_SUBSCRIBE: '*' }, /^AUTH: on, but nobody can/],
  [{ AUTH: 'off', AUTH_KEYS_FILE: 'keys.json' }, /^AUTH: off, so AUTH_KEYS_FILE would do nothing/],
  [{ AUTH: 'local', AUTH_JWT_SECRET: SECRET }, /^AUTH: local, so AUTH_JWT_SECRET would do nothing/],
  [{ AUTH: 'off', AUTH_ANONYMOUS_SUBSCRIBE: 'a' }, /^AUTH: off, so AUTH_ANONYMOUS_SUBSCRIBE would do nothing/],
  [{ AUTH_ANONYMOUS_SUBSCRIBE: 'a' }, /^AUTH: local, so AUTH_ANONYMOUS_SUBSCRIBE would do nothing/],
  [{ AUTH: 'yes' }, /^AUTH: .+ must be local, off, or on, but it is "yes"$/],
  [{ AUTH_JWT_SECRET: 's'.repeat(31) }, /^AUTH_JWT_SECRET: must have at least 32 bytes/],
  [{ AUTH_JWT_SECRET: SECRET, AUTH_JWT_KEY: 'k' }, /^AUTH_JWT_SECRET: tokens are verified by one of them/],
  [
    { AUTH_JWT_SECRET: SECRET, AUTH_JWT_ALGORITHM: 'none' },
    /^AUTH_JWT_ALGORITHM: with AUTH_JWT_SECRET it must be HS256$/,
  ],
  [
    { AUTH_JWT_KEY: 'k', AUTH_JWT_ALGORITHM: 'HS256' },
    /^AUTH_JWT_ALGORITHM: with AUTH_JWT_KEY it must be RS256, ES256, EdDSA/,
  ],
  [{ AUTH_KEYS_FILE: 'k', AUTH_JWT_ISSUER: 'i' }, /^AUTH_JWT_ISSUER: would do nothing without AUTH_JWT_KEY/],
  [{ AUTH_KEYS_FILE: 'k', AUTH_ANONYMOUS_SUBSCRIBE: 'a b' }, /^AUTH_ANONYMOUS_SUBSCRIBE: streams must be/],
  [{ AUTH: 'off', TRUST_PROXY: 'true' }, /^TRUST_PROXY: must be addresses, .+ but it has 'true'$/],
  [{ AUTH: 'off', TRUST_PROXY: '10.0.0.0/33' }, /^TRUST_PROXY: /],
  [{ AUTH: 'off', TRUST_PROXY: '0.0.0.0/0' }, /^TRUST_PROXY: /],
  [{ AUTH: 'off', TRUST_PROXY: '1' }, /^TRUST_PROXY: /],
  [{ AUTH: 'off', TRUST_PROXY: 'loopback,,' }, /^TRUST_PROXY: /],
] as const) {
  t.test(`${JSON.stringify(env).slice(0, 80)} is refused in one line`, async (t) => {
    const message = messageOf(() => readEnvironment(env));
    t.match(message, problem);
    t.match(message, /^[^\n]+$/);
    t.notMatch(message, /sss/, 'which tells no secret');
  });
}

t.test('proxies are addresses and networks', async (t) => {
  for (const TRUST_PROXY of ['loopback', '10.0.0.1, 10.1.0.0/16', '::1', 'fd00::/8,uniquelocal,linklocal']) {
    t.equal(readEnvironment({ AUTH: 'off', TRUST_PROXY }).trustProxy, TRUST_PROXY);
  }
});

t.test('as options of the plugin the settings are named as they are there, and a secret is not shown', async (t) => {
  t.match(
    messageOf(() => resolveConfig(hubSchema, { authKeysFile: 'k' })),
    /^auth: off, so authKeysFile would do nothing/,
  );
  const secret = messageOf(() => resolveConfig(hubSchema, { auth: 'on', authJwtSecret: 424_242 }));
  t.match(secret, /^authJwtSecret: .+ must be string, but it is not$/);
});
