import { once } from 'node:events';
import { copyFileSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { connect, createServer } from 'node:tls';
import t, { type Test } from 'tap';
import { readCertificate } from '../../src/tls/certificate.js';
import { keepRenewed } from '../../src/tls/renewal.js';
import { makeCertificate } from '../support/certificate.js';
import { createTestClock, START } from '../support/clock.js';

/** A server whose certificate is kept renewed, closed with the test. */
async function serve(t: Test, certPath: string, keyPath: string, now = START) {
  const clock = createTestClock();
  clock.correct(now - START);
  const log: string[] = [];
  const note = (fields: object) => log.push((fields as { event: string }).event);
  const warn = (fields: object) => log.push(`${(fields as { event: string }).event}: warning`);
  const certificate = readCertificate(certPath, keyPath);
  const server = createServer({ cert: certificate.cert, key: certificate.key });
  keepRenewed(server, certificate, { info: note, warn, error: note }, clock);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  /** Moves time on; a look at the files that became due is finished then. */
  const pass = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += 50) {
      await clock.advance(50);
      // In which a look ends: one that 40 others wait for would be told of.
      await setTimeout(3);
    }
  };
  /** Moves time on until as many lines are logged. */
  const until = async (lines: number) => {
    while (log.length < lines) {
      await pass(50);
    }
  };
  return { port, log, until, pass };
}

/** The name in the certificate that a new connection gets. */
async function nameAt(port: number): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const { CN } = socket.getPeerCertificate().subject;
  socket.destroy();
  return String(CN);
}

/** Makes a link, in place of the one that is there. */
function link(target: string, path: string): void {
  symlinkSync(target, `${path}.new`);
  renameSync(`${path}.new`, path);
}

t.test('a certificate behind a chain of links is renewed when one in the middle is swapped', async (t) => {
  const [first, second] = [makeCertificate(t), makeCertificate(t, 'renewed.example')];
  const directory = t.testdir({ etc: {}, store: {} });
  // etc/cert.pem -> store/current/cert.pem, where store/current -> the directory in use
  const current = join(directory, 'store', 'current');
  link(first.directory, current);
  const [cert, key] = ['cert.pem', 'key.pem'].map((name) => {
    const path = join(directory, 'etc', name);
    link(join(current, name), path);
    return path;
  });
  const { port, log, until } = await serve(t, String(cert), String(key));
  t.equal(await nameAt(port), 'localhost');
  link(second.directory, current);
  await until(2);
  t.equal(await nameAt(port), 'renewed.example');
  link(first.directory, current);
  await until(3);
  t.equal(await nameAt(port), 'localhost', 'and again');
  t.strictSame(log, ['certificate', 'certificate', 'certificate']);
});

t.test('a certificate and its key that are replaced one after the other are taken together', async (t) => {
  const [first, second] = [makeCertificate(t), makeCertificate(t, 'renewed.example')];
  const { port, log, until, pass } = await serve(t, first.cert, first.key);
  await pass(350);
  rmSync(first.cert);
  await pass(250);
  copyFileSync(second.cert, first.cert);
  await pass(100);
  renameSync(second.key, first.key);
  await until(2);
  t.equal(await nameAt(port), 'renewed.example');
  t.strictSame(log, ['certificate', 'certificate']);
});

t.test('a certificate that is taken away is told of once, and used until there is another', async (t) => {
  const [first, second] = [makeCertificate(t), makeCertificate(t, 'renewed.example')];
  const { port, log, until, pass } = await serve(t, first.cert, first.key);
  rmSync(first.directory, { recursive: true });
  await until(2);
  await pass(1000);
  t.strictSame(log, ['certificate', 'certificate-failed']);
  t.equal(await nameAt(port), 'localhost');
  mkdirSync(first.directory);
  renameSync(second.cert, first.cert);
  renameSync(second.key, first.key);
  await until(3);
  t.equal(await nameAt(port), 'renewed.example');
});

t.test('the same certificate, when it is back, is told of as well', async (t) => {
  const { cert, key, directory } = makeCertificate(t);
  const { log, until } = await serve(t, cert, key);
  const aside = join(directory, 'aside.pem');
  renameSync(cert, aside);
  await until(2);
  copyFileSync(aside, cert);
  await until(3);
  writeFileSync(cert, 'half of it');
  await until(4);
  renameSync(aside, cert);
  await until(5);
  t.strictSame(log, ['certificate', 'certificate-failed', 'certificate', 'certificate-failed', 'certificate']);
});

t.test('one that has expired is used, with a warning', async (t) => {
  const { cert, key } = makeCertificate(t);
  const { log } = await serve(t, cert, key, Date.parse('2200-01-01'));
  t.strictSame(log, ['certificate: warning']);
});
