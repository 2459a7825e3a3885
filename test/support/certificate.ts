import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';

export interface CertificateFiles {
  readonly directory: string;
  readonly cert: string;
  readonly key: string;
}

/** A self-signed certificate for this machine, made for the test and gone with it. */
export function makeCertificate(t: Test, name = 'localhost'): CertificateFiles {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-certificate-'));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  const files = { directory, cert: join(directory, 'cert.pem'), key: join(directory, 'key.pem') };
  const names = `subjectAltName=DNS:${name},IP:127.0.0.1`;
  const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
  const subject = ['-subj', `/CN=${name}`, '-addext', names, '-keyout', files.key, '-out', files.cert];
  execFileSync('openssl', [...request, ...subject], { stdio: 'pipe' });
  return files;
}
