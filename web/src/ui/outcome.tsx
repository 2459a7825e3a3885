import type { Outcome as OutcomeOf } from './use-task.js';

/** The place where an outcome is said; always there, so that screen readers announce a change. */
export function Outcome({ of }: { of: OutcomeOf | undefined }) {
  return (
    <p className="outcome" role="status" data-tone={of?.tone}>
      {of?.text}
    </p>
  );
}
