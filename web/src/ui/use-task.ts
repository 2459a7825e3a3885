import { useCallback, useState } from 'react';
import { describeFailure } from '../hub/words.js';

/** How something the user asked for went. */
export interface Outcome {
  readonly tone: 'busy' | 'good' | 'bad';
  readonly text: string;
}

/** Runs what the user asks for and keeps its outcome in words; `work` resolves to what to say. */
export function useTask(): [Outcome | undefined, (work: () => Promise<string>) => Promise<boolean>] {
  const [outcome, setOutcome] = useState<Outcome>();
  const run = useCallback(async (work: () => Promise<string>) => {
    setOutcome({ tone: 'busy', text: 'Sending' });
    try {
      setOutcome({ tone: 'good', text: await work() });
      return true;
    } catch (error) {
      setOutcome({ tone: 'bad', text: describeFailure(error as Error) });
      return false;
    }
  }, []);
  return [outcome, run];
}
