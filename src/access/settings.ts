import { type Static, Type } from '@sinclair/typebox';

/** The settings of who gets in. */
export const accessProperties = {
  auth: Type.Union([Type.Literal('local'), Type.Literal('off'), Type.Literal('on')], {
    default: 'off',
    description: 'Who gets in: local, this machine only; off, everybody; on, who has a key or token',
  }),
  authKeysFile: Type.String({ default: '', description: 'File of API keys; watched for changes' }),
  authJwtKey: Type.String({
    default: '',
    description: 'What verifies tokens: file of a public key (PEM) or of a JWKS, or https URL of a JWKS',
  }),
  authJwtSecret: Type.String({
    default: '',
    writeOnly: true,
    description: 'Secret that verifies HS256 tokens, at least 32 bytes',
  }),
  authJwtAlgorithm: Type.String({
    default: '',
    description: 'The one algorithm of tokens: RS256, ES256 or EdDSA; needed with a PEM',
  }),
  authJwtIssuer: Type.String({ default: '', description: 'iss that tokens must have' }),
  authJwtAudience: Type.String({ default: '', description: 'aud that tokens must have' }),
  authAnonymousSubscribe: Type.String({
    default: '',
    description: 'Streams and patterns that may be watched without a key or token, comma-separated',
  }),
};

const schema = Type.Object(accessProperties);

export type AccessSettings = Static<typeof schema>;

/** How a setting is called where it came from. */
export type NameOf = (key: string) => string;

/** RFC 7518 §3.2: a key of HS256 is as long as its hash. */
const MIN_SECRET_BYTES = 32;
const KEYS = ['authKeysFile', 'authJwtKey', 'authJwtSecret'] as const;
const ONLY_ON = [...KEYS, 'authAnonymousSubscribe'] as const;
const ONLY_TOKENS = ['authJwtAlgorithm', 'authJwtIssuer', 'authJwtAudience'] as const;
/** In a set each key is for one of them, by its `alg` or else its type; a public key is never taken for a secret. */
export const PUBLIC_KEY_ALGORITHMS = ['RS256', 'ES256', 'EdDSA'];

/** Whether somebody can have a key or token. */
export function hasKeys(settings: Partial<AccessSettings>): boolean {
  return KEYS.some((key) => (settings[key] ?? '') !== '');
}

/**
 * What is wrong with the settings of access, if anything, and what to do. A setting that would do nothing is wrong:
 * whoever set it believes that something is protected.
 * @param nameOf how a setting is called where it came from
 */
export function problemOfAccess(settings: AccessSettings, nameOf: NameOf): string | undefined {
  return problemOfMode(settings, nameOf) ?? problemOfTokens(settings, nameOf);
}

function problemOfMode(settings: AccessSettings, nameOf: NameOf): string | undefined {
  const { auth } = settings;
  const name = nameOf('auth');
  if (auth === 'on') {
    const ways = `set ${nameOf('authKeysFile')}, ${nameOf('authJwtKey')} or ${nameOf('authJwtSecret')}`;
    return hasKeys(settings) ? undefined : `${name}: on, but nobody can have a key or token: ${ways}`;
  }
  const idle = ONLY_ON.find((key) => settings[key] !== '');
  return (
    idle && `${name}: ${auth}, so ${nameOf(idle)} would do nothing: set ${name} to on, or leave ${nameOf(idle)} out`
  );
}

function problemOfTokens(settings: AccessSettings, nameOf: NameOf): string | undefined {
  const { authJwtKey: key, authJwtSecret: secret, authJwtAlgorithm: algorithm } = settings;
  const [keyName, secretName] = [nameOf('authJwtKey'), nameOf('authJwtSecret')];
  if (key !== '' && secret !== '') {
    return `${secretName}: tokens are verified by one of them: leave out ${keyName} or ${secretName}`;
  }
  if (secret !== '' && Buffer.byteLength(secret) < MIN_SECRET_BYTES) {
    return `${secretName}: must have at least ${MIN_SECRET_BYTES} bytes; openssl rand -base64 32 makes one`;
  }
  const idle = ONLY_TOKENS.find((name) => settings[name] !== '');
  if (key === '' && secret === '') {
    return idle && `${nameOf(idle)}: would do nothing without ${keyName} or ${secretName}`;
  }
  const algorithms = key === '' ? ['HS256'] : PUBLIC_KEY_ALGORITHMS;
  return algorithm === '' || algorithms.includes(algorithm)
    ? undefined
    : `${nameOf('authJwtAlgorithm')}: with ${key === '' ? secretName : keyName} it must be ${algorithms.join(', ')}`;
}
