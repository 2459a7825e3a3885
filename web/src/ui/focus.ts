/** For whoever used something that goes with its use: the focus would fall to the page. */
export function focusMain(): void {
  document.getElementById('main')?.focus({ preventScroll: true });
}
