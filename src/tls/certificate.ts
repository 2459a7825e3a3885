import { createPrivateKey, X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import type { ServerConfig } from '../config/settings.js';
import { ConfigError } from '../errors.js';
import { readTextSync } from '../files/text-file.js';

/** A certificate with the key that belongs to it, and the files they are from. */
export interface Certificate {
  readonly certPath: string;
  readonly keyPath: string;
  /** PEM: the certificate, followed by those that lead to the one clients know. */
  readonly cert: string;
  readonly key: string;
  /** Epoch milliseconds from which clients refuse it. */
  readonly expiresAt: number;
}

/**
 * The certificate of the settings; undefined when they name none.
 * @throws ConfigError for one path without the other, or a certificate that cannot be used
 */
export function certificateOf({ tlsCert, tlsKey }: ServerConfig): Certificate | undefined {
  if (tlsCert === '' && tlsKey === '') {
    return undefined;
  }
  if (tlsCert === '' || tlsKey === '') {
    const [given, missing] = tlsKey === '' ? ['TLS_CERT', 'TLS_KEY'] : ['TLS_KEY', 'TLS_CERT'];
    throw new ConfigError(
      `${missing}: must be set where ${given} is; they name the PEM files of a certificate and its key`,
    );
  }
  return readCertificate(tlsCert, tlsKey);
}

/** @throws ConfigError when a file cannot be read, is not what it should be, or the two do not belong together */
export function readCertificate(certPath: string, keyPath: string): Certificate {
  return checkCertificate(certPath, keyPath, read('TLS_CERT', certPath), read('TLS_KEY', keyPath));
}

/** The certificate that two files hold. @throws ConfigError when one is not what it should be, or they do not belong together */
export function checkCertificate(certPath: string, keyPath: string, cert: string, key: string): Certificate {
  const certificate = attempt(`TLS_CERT: ${certPath} is no certificate in PEM`, () => new X509Certificate(cert));
  const privateKey = attempt(`TLS_KEY: ${keyPath} is no private key in PEM without a passphrase`, () =>
    createPrivateKey(key),
  );
  if (!certificate.checkPrivateKey(privateKey)) {
    throw new ConfigError(`TLS_KEY: ${keyPath} is not the key of the certificate in ${certPath}`);
  }
  attempt(`TLS_CERT: ${certPath} cannot be used`, () => createSecureContext({ cert, key }));
  return { certPath, keyPath, cert, key, expiresAt: Date.parse(certificate.validTo) };
}

function read(setting: string, path: string): string {
  return attempt(`${setting}: cannot be read`, () => readTextSync(path));
}

function attempt<T>(problem: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw new ConfigError(`${problem}: ${(error as Error).message}`);
  }
}
