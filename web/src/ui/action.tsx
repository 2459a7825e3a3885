import type { ButtonHTMLAttributes } from 'react';

interface ActionProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'disabled'> {
  /** There is nothing to do now. */
  readonly isOff: boolean;
}

/** A button that may have nothing to do; it keeps the focus, which a disabled one would drop. */
export function Action({ isOff, onClick, ...rest }: ActionProps) {
  return <button type="button" {...rest} aria-disabled={isOff} onClick={isOff ? undefined : onClick} />;
}
