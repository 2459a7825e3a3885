import type { Server } from 'node:tls';
import { type Certificate, readCertificate } from './certificate.js';
import { FileWatch } from './file-watch.js';

/** What renewals are told to. */
export interface CertificateLog {
  info(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/**
 * Uses a renewed certificate for the connections from then on; those that are open stay. One that cannot be used is
 * logged, and the one before kept.
 */
export function keepRenewed(server: Server, certificate: Certificate, log: CertificateLog): void {
  const { certPath, keyPath } = certificate;
  let current = certificate;
  announce(certificate, log);
  const watch = new FileWatch([certPath, keyPath], () => {
    try {
      const renewed = readCertificate(certPath, keyPath);
      if (renewed.cert !== current.cert) {
        server.setSecureContext(renewed);
        current = renewed;
        announce(renewed, log);
      }
    } catch (err) {
      log.error({ event: 'certificate-failed', err }, 'the certificate cannot be used; the one before is kept');
    }
  });
  server.once('close', () => watch.close());
}

function announce({ expiresAt }: Certificate, log: CertificateLog): void {
  log.info({ event: 'certificate', expires: new Date(expiresAt).toISOString() }, 'certificate in use');
}
