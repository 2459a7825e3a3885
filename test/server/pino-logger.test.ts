import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import t from 'tap';

const LOGGER = join(import.meta.dirname, '..', '..', 'src', 'server', 'pino-logger.ts');

t.test('headers with secrets are not readable in the log, should they ever get there', async (t) => {
  const script = `
    import { createLogger } from ${JSON.stringify(LOGGER)};
    const log = createLogger('info');
    const headers = { authorization: 's3cret', cookie: 's3cret', 'set-cookie': 's3cret', host: 'kept' };
    log.info({ headers }, 'a');
    log.info({ custom: 1, req: { headers }, res: { headers } }, 'b');
    log.error({ err: Object.assign(new Error('x'), { headers }) }, 'c');
  `;
  const args = ['--import', import.meta.resolve('tsx'), '--input-type=module', '-e', script];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  t.equal(stderr, '');
  const lines = stdout.trimEnd().split('\n');
  t.equal(lines.length, 3);
  t.match(stdout, /\[Redacted\]/);
  t.match(lines[0], /"host":"kept"/);
  t.notMatch(stdout, /s3cret/);
});
