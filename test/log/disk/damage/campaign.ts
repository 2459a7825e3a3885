import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { Random } from '../../../torture/random.js';
import type { Finding, Outcome, SkipOutcome } from './examine.js';
import type { Job } from './examiner.js';
import { observe } from './observe.js';
import { buildReference, openReference } from './reference.js';

const TRUNCATED = 0.2;
/** Of the flips: where a page says what it is and where its entries are, of which most are in no event. */
const STRUCTURAL = 0.4;
const PAGE_BYTES = 4096;
const PAGE_HEAD_BYTES = 48;
const TIMEOUT_MS = 60_000;

/** One damage, and what it led to. */
interface Case {
  readonly damage: string;
  readonly refuse: Finding<Outcome>;
  readonly skip: Finding<SkipOutcome>;
}

/** Damages copies of a directory by bit flips and cuts, as the seed says, and examines each in another process. */
export async function campaign(
  root: string,
  seed: string,
  count: number,
  onCase: (found: Case) => void,
): Promise<Case[]> {
  const random = new Random(seed);
  const whole = join(root, 'whole');
  const reference = await buildReference(whole, random);
  const log = await openReference(whole);
  const truth = await observe(log, reference);
  await log.close();
  const truthFile = join(root, 'truth.json');
  writeFileSync(truthFile, JSON.stringify({ reference, truth }));
  const examiner = new Examiner(truthFile);
  const cases: Case[] = [];
  for (let i = 0; i < count; i++) {
    const damaged = join(root, 'damaged');
    cpSync(whole, damaged, { recursive: true });
    const damage = await harm(join(damaged, 'data.mdb'), random);
    cpSync(damaged, `${damaged}-skip`, { recursive: true });
    const refuse = await examiner.ask<Outcome>({ directory: damaged, mode: 'refuse' });
    const skip = await examiner.ask<SkipOutcome>({ directory: `${damaged}-skip`, mode: 'skip' });
    const found = { damage, refuse, skip };
    cases.push(found);
    onCase(found);
    rmSync(damaged, { recursive: true });
    rmSync(`${damaged}-skip`, { recursive: true });
  }
  examiner.close();
  return cases;
}

async function harm(path: string, random: Random): Promise<string> {
  const file = await open(path, 'r+');
  try {
    const { size } = await file.stat();
    if (random.chance(TRUNCATED)) {
      const length = random.int(0, size - 1);
      truncateSync(path, length);
      return `cut to ${length} of ${size} bytes`;
    }
    const page = PAGE_BYTES * random.int(0, size / PAGE_BYTES - 1);
    const at = random.chance(STRUCTURAL) ? page + random.int(0, PAGE_HEAD_BYTES - 1) : random.int(0, size - 1);
    const bit = random.int(0, 7);
    const byte = Buffer.alloc(1);
    await file.read(byte, 0, 1, at);
    byte.writeUInt8(byte.readUInt8(0) ^ (1 << bit), 0);
    await file.write(byte, 0, 1, at);
    return `bit ${bit} of byte ${at} of ${size}`;
  } finally {
    await file.close();
  }
}

/** A child process that is asked one thing at a time, and replaced when that was its end. */
class Examiner {
  readonly #truthFile: string;
  #child: ChildProcess | undefined;

  constructor(truthFile: string) {
    this.#truthFile = truthFile;
  }

  async ask<O>(job: Job): Promise<Finding<O>> {
    this.#child ??= fork(join(import.meta.dirname, 'examiner.ts'), [this.#truthFile], {
      execArgv: ['--import', import.meta.resolve('tsx')],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    const child = this.#child;
    const timer = setTimeout(() => child.kill('SIGKILL'), TIMEOUT_MS);
    child.send(job);
    const ending = new AbortController();
    const end = once(child, 'exit', { signal: ending.signal }).then(([code, signal]) => ({ code, signal }));
    const [answer] = await Promise.race([once(child, 'message', { signal: ending.signal }), end.then((how) => [how])]);
    ending.abort();
    end.catch(() => {});
    clearTimeout(timer);
    if ('outcome' in answer) {
      return answer;
    }
    this.#child = undefined;
    return { outcome: 'crashed' as O, detail: String(answer.signal ?? answer.code) };
  }

  close(): void {
    this.#child?.disconnect();
  }
}
