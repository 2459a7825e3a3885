import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import t, { type Test } from 'tap';
import { entry } from '../support/entry.js';
import { connect, request } from '../support/raw-client.js';

const SERVER = [process.execPath, ...entry('src/server')].join(' ');

interface Terminal {
  /** What holds the terminal open. */
  readonly child: ChildProcess;
  readonly screen: string;
  /** Resolves with the first match on the screen. */
  shows(pattern: RegExp): Promise<RegExpExecArray>;
}

/** A terminal in which a command runs; its Ctrl-C is for that command, whichever shell `script` takes. */
function openTerminal(t: Test, command: string, cwd = t.testdir()): Terminal {
  const child = spawn('script', ['-qec', `exec ${command}`, '/dev/null'], {
    cwd,
    env: { ...process.env, PORT: '0', npm_config_update_notifier: 'false' },
  });
  t.teardown(() => child.kill('SIGKILL'));
  let screen = '';
  child.stdout.on('data', (chunk: Buffer) => {
    screen += chunk.toString();
  });
  return {
    child,
    get screen() {
      return screen;
    },
    async shows(pattern) {
      for (;;) {
        const found = pattern.exec(screen);
        if (found !== null) {
          return found;
        }
        await once(child.stdout, 'data');
      }
    },
  };
}

t.test('in a terminal the start is told for people, and Ctrl-C stops it properly', async (t) => {
  const terminal = openTerminal(t, SERVER);
  await terminal.shows(/sse\/hello/);
  const [, url] = await terminal.shows(/Sluice is ready at (\S+)/);
  t.match(terminal.screen, `documentation  ${url}/docs`);
  t.match(terminal.screen, `curl -N ${url}/stream`);
  t.notMatch(terminal.screen, /"level":/);
  terminal.child.stdin?.write('\x03');
  const [code] = await once(terminal.child, 'close');
  t.equal(code, 0);
  t.match(terminal.screen, /stopped/);
});

t.test('so does Ctrl-C under npm, which sends it a second time', async (t) => {
  const cwd = t.testdir({ 'package.json': JSON.stringify({ scripts: { start: SERVER } }) });
  // Bash gives its place to the server, which is then the process that npm passes the signal on to.
  const terminal = openTerminal(t, 'npm start --script-shell=bash', cwd);
  await terminal.shows(/sse\/hello/);
  terminal.child.stdin?.write('\x03');
  const [code] = await once(terminal.child, 'close');
  t.equal(code, 0);
  t.match(terminal.screen, /stopped/);
  t.notMatch(terminal.screen, /exiting/);
});

t.test(
  'a terminal that is closed stops it properly: a publish is finished, streams end with their farewell',
  async (t) => {
    const terminal = openTerminal(t, SERVER);
    const [, port] = await terminal.shows(/Sluice is ready at \S+:(\d+)/);
    const watcher = await connect(t, Number(port), request('GET /sse/a'));
    await watcher.until(/connected/);
    const headers = { 'content-type': 'text/plain', 'content-length': '9', expect: '100-continue' };
    const publisher = await connect(t, Number(port), request('POST /sse/a', headers));
    await publisher.until(/100 Continue/);
    terminal.child.kill('SIGKILL');
    await once(terminal.child, 'close');
    publisher.send('slow body');
    t.match(await publisher.until(/\}\n$/), /HTTP\/1\.1 201 /);
    t.equal(await watcher.ending, 'fin');
    t.match(watcher.text, /data: slow body\n\nretry: \d+\n\n$/);
  },
);
