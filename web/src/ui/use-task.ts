import { useCallback, useState } from 'react';
import { describeFailure, type Failure } from '../hub/words.js';
import { access } from '../session/access.js';

/** How something the user asked for went. */
export interface Outcome {
  readonly tone: 'busy' | 'good' | 'bad';
  readonly text: string;
}

/**
 * Runs what the user asks for and keeps its outcome in words; `work` resolves to what to say.
 * @param describe puts a failure in words; must be stable
 */
export function useTask(
  describe: (failure: Failure) => string = describeFailure,
): [Outcome | undefined, (work: () => Promise<string>) => Promise<boolean>] {
  const [outcome, setOutcome] = useState<Outcome>();
  const run = useCallback(
    async (work: () => Promise<string>) => {
      setOutcome({ tone: 'busy', text: 'Sending' });
      try {
        setOutcome({ tone: 'good', text: await work() });
        return true;
      } catch (error) {
        setOutcome({ tone: 'bad', text: describe(error as Failure) });
        access.heed(error as Failure);
        return false;
      }
    },
    [describe],
  );
  return [outcome, run];
}
