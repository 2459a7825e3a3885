import type { Received } from '../connection/link.js';

/** Characters that stay on one line. */
const ONE_LINE = 60;

/** The data as it is shown. */
export const shownText = perEvent(({ data }) => pretty(data));

/** What a filter looks in, in lower case: the data both as it is shown and as it was sent. */
export const searchText = perEvent((event) => {
  const { type, stream = '', data } = event;
  return `${type} ${stream} ${shownText(event)} ${JSON.stringify(data)}`.toLowerCase();
});

/** Long data is costly to write out, so each event has it done once. */
function perEvent(work: (event: Received) => string): (event: Received) => string {
  const texts = new WeakMap<Received, string>();
  return (event) => {
    const text = texts.get(event) ?? work(event);
    texts.set(event, text);
    return text;
  };
}

/** Text as it is; JSON indented unless it is short. */
function pretty(data: unknown): string {
  if (typeof data === 'string') {
    return data;
  }
  const lines = JSON.stringify(data, undefined, 2);
  const line = lines.replace(/\n */g, ' ');
  return line.length <= ONE_LINE ? line : lines;
}
