import { readFileSync } from 'node:fs';
import { examine, examineSkip } from './examine.js';
import type { Observation } from './observe.js';
import type { Reference } from './reference.js';

/** What the parent asks for. */
export interface Job {
  readonly directory: string;
  readonly mode: 'refuse' | 'skip';
}

/** A process that opens damaged directories, because that may be the end of it. */
const { reference, truth } = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as {
  reference: Reference;
  truth: Observation;
};

process.on('message', async ({ directory, mode }: Job) => {
  const finding = await (mode === 'refuse' ? examine : examineSkip)(directory, reference, truth);
  process.send?.(finding);
});
