/** Where to look and what to try, told at the start. */
export interface StartHints {
  readonly dashboard: string;
  readonly docs: string;
  readonly try: readonly string[];
}

export function describeStart(url: string, demo: boolean): StartHints {
  const watch = demo ? `curl -N ${url}/stream` : `curl -N ${url}/sse/hello`;
  const publish = `curl -H 'content-type: text/plain' -d 'hello, world' ${url}/sse/hello`;
  return { dashboard: `${url}/`, docs: `${url}/docs`, try: [watch, `curl -N ${url}/events`, publish] };
}

/** The same for people; nothing where standard output is not a terminal, so that it stays JSON. */
export function printBanner(url: string, hints: StartHints): void {
  if (process.stdout.isTTY) {
    const lines = [`Sluice is ready at ${url}`, `  documentation  ${hints.docs}`, '  try'];
    process.stdout.write(`\n${[...lines, ...hints.try.map((command) => `    ${command}`)].join('\n')}\n\n`);
  }
}
