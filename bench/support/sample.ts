import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Takes samples while work is going on, and resolves to what both came to.
 * @throws whatever failed first; the other goes on unheard
 */
export async function sampleDuring<T, S>(
  work: Promise<T>,
  everyMs: number,
  sample: () => S | Promise<S>,
): Promise<[T, S[]]> {
  let isOver = false;
  const over = () => {
    isOver = true;
  };
  work.then(over, over);
  const sampling = async () => {
    const samples: S[] = [];
    while (!isOver) {
      samples.push(await sample());
      await sleep(everyMs);
    }
    return samples;
  };
  return Promise.all([work, sampling()]);
}
