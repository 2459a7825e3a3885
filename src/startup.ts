/** What the start is told to. */
export interface StartLog {
  info(fields: object, message: string): void;
}

/** Tells where to look and what to try: in a line of the log, or readably where standard output is a terminal. */
export function announce(log: StartLog, url: string, demo: boolean): void {
  const dashboard = `${url}/`;
  const docs = `${url}/docs`;
  const commands = commandsFor(url, demo);
  if (process.stdout.isTTY) {
    const lines = [`Sluice is ready at ${url}`, `  documentation  ${docs}`, '  try'];
    process.stdout.write(`\n${[...lines, ...commands.map((command) => `    ${command}`)].join('\n')}\n\n`);
  } else {
    log.info({ event: 'start', url, dashboard, docs, try: commands }, 'started');
  }
}

function commandsFor(url: string, demo: boolean): string[] {
  const watch = demo ? `curl -N ${url}/stream` : `curl -N ${url}/sse/hello`;
  const publish = `curl -H 'content-type: text/plain' -d 'hello, world' ${url}/sse/hello`;
  return [watch, `curl -N ${url}/events`, publish];
}
