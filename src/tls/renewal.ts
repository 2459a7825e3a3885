import type { Server } from 'node:tls';
import type { Clock } from '../clock.js';
import { WatchedFile } from '../files/watched-file.js';
import type { Logger } from '../logger.js';
import { type Certificate, checkCertificate } from './certificate.js';

/** What renewals are told to. */
export type CertificateLog = Pick<Logger, 'info' | 'warn' | 'error'>;

/**
 * Uses a renewed certificate for the connections from then on; those that are open stay. One that cannot be used is
 * logged, and the one before kept.
 */
export function keepRenewed(
  server: Server,
  { certPath, keyPath }: Certificate,
  log: CertificateLog,
  clock: Clock,
): void {
  const files = new WatchedFile([certPath, keyPath], clock, {
    changed: (cert, key) => {
      const renewed = checkCertificate(certPath, keyPath, cert, key);
      server.setSecureContext(renewed);
      announce(renewed, log, clock.now());
    },
    failed: (err) =>
      log.error({ event: 'certificate-failed', err }, 'the certificate cannot be used; the one before is kept'),
  });
  files.open();
  server.once('close', () => files.close());
}

function announce({ expiresAt }: Certificate, log: CertificateLog, now: number): void {
  const line = { event: 'certificate', expires: new Date(expiresAt).toISOString() };
  expiresAt > now ? log.info(line, 'certificate in use') : log.warn(line, 'the certificate in use has expired');
}
