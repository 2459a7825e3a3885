import type { Outcome as OutcomeOf } from './use-task.js';

/** The place where an outcome is said; always there, so that screen readers announce a change. */
export function Outcome({ of, id }: { of: OutcomeOf | undefined; id?: string }) {
  return (
    <p className="outcome" role="status" data-tone={of?.tone} id={id}>
      {of?.text}
    </p>
  );
}
