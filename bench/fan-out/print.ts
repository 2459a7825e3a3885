/** Prints what was found, a line each. */
export function print(found: Readonly<Record<string, string | number>>): void {
  const width = Math.max(...Object.keys(found).map((label) => label.length));
  for (const [label, value] of Object.entries(found)) {
    console.log(`${label.padEnd(width)}  ${value}`);
  }
}
