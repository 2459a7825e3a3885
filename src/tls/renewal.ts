import type { Server } from 'node:tls';
import { WatchedFile } from '../access/watched-file.js';
import type { Clock } from '../clock.js';
import { type Certificate, checkCertificate } from './certificate.js';

/** What renewals are told to. */
export interface CertificateLog {
  info(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/**
 * Uses a renewed certificate for the connections from then on; those that are open stay. One that cannot be used is
 * logged, and the one before kept.
 */
export function keepRenewed(server: Server, certificate: Certificate, log: CertificateLog, clock: Clock): void {
  const { certPath, keyPath } = certificate;
  let current = certificate;
  announce(certificate, log);
  const files = new WatchedFile([certPath, keyPath], clock, {
    changed: (cert, key) => {
      const renewed = checkCertificate(certPath, keyPath, cert, key);
      if (renewed.cert !== current.cert) {
        server.setSecureContext(renewed);
        current = renewed;
        announce(renewed, log);
      }
    },
    failed: (err) =>
      log.error({ event: 'certificate-failed', err }, 'the certificate cannot be used; the one before is kept'),
  });
  files.open();
  server.once('close', () => files.close());
}

function announce({ expiresAt }: Certificate, log: CertificateLog): void {
  log.info({ event: 'certificate', expires: new Date(expiresAt).toISOString() }, 'certificate in use');
}
