import type { ReactNode } from 'react';

/** What scrolls must be reachable by keyboard (WCAG 2.1.1), although it is not interactive itself. */
const focusable = { tabIndex: 0 };

interface ScrollListProps {
  readonly label: string;
  readonly className: string;
  readonly children: ReactNode;
}

/** A list that scrolls within its own height. */
export function ScrollList({ label, className, children }: ScrollListProps) {
  return (
    <ul className={`scroll ${className}`} aria-label={label} {...focusable}>
      {children}
    </ul>
  );
}
