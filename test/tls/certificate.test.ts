import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import t from 'tap';
import type { ServerConfig } from '../../src/config/settings.js';
import { ConfigError } from '../../src/errors.js';
import { readEnvironment } from '../../src/server/environment.js';
import { certificateOf } from '../../src/tls/certificate.js';
import { makeCertificate } from '../support/certificate.js';

function settings(cert: string, key: string): ServerConfig {
  return readEnvironment({ TLS_CERT: cert, TLS_KEY: key });
}

t.test('without the settings there is no certificate', async (t) => {
  t.equal(certificateOf(settings('', '')), undefined);
});

t.test('a certificate and its key are read, and when they expire', async (t) => {
  const { cert, key } = makeCertificate(t);
  const certificate = certificateOf(settings(cert, key));
  t.equal(certificate?.cert, readFileSync(cert, 'utf8'));
  const days = ((certificate?.expiresAt ?? 0) - Date.now()) / 86_400_000;
  t.ok(days > 1.9 && days < 2.1);
});

t.test('what cannot be used is one line that names the setting and the file', async (t) => {
  const { cert, key, directory } = makeCertificate(t);
  const other = makeCertificate(t);
  const locked = `${directory}/locked.pem`;
  execFileSync('openssl', ['pkcs8', '-topk8', '-in', key, '-out', locked, '-passout', 'pass:secret']);
  const pipe = `${directory}/pipe`;
  execFileSync('mkfifo', [pipe]);
  const problems: [string, string, RegExp][] = [
    [cert, '', /^TLS_KEY: must be set where TLS_CERT is/],
    ['', key, /^TLS_CERT: must be set where TLS_KEY is/],
    ['/no/such/file', key, /^TLS_CERT: cannot be read: ENOENT.*\/no\/such\/file/],
    [cert, directory, /^TLS_KEY: cannot be read: .* is not a file$/],
    [cert, pipe, /^TLS_KEY: cannot be read: .*pipe is not a file$/],
    [key, key, /^TLS_CERT: .*key\.pem is no certificate in PEM/],
    [cert, cert, /^TLS_KEY: .*cert\.pem is no private key in PEM without a passphrase/],
    [cert, locked, /^TLS_KEY: .*locked\.pem is no private key in PEM without a passphrase/],
    [cert, other.key, /^TLS_KEY: .*key\.pem is not the key of the certificate in .*cert\.pem$/],
  ];
  for (const [certPath, keyPath, message] of problems) {
    t.throws(() => certificateOf(settings(certPath, keyPath)), { message });
    t.throws(() => certificateOf(settings(certPath, keyPath)), ConfigError);
    t.throws(() => certificateOf(settings(certPath, keyPath)), { message: /^[^\n]*$/ });
  }
});
