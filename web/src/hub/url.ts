/** Where the hub stands: the directory of this page, whatever prefix or proxy is in front of it. */
const hub = new URL('.', document.baseURI);

/** Address of a path of the hub, given without a slash in front. */
export function hubUrl(path = ''): string {
  return new URL(path, hub).href;
}

/** The name of one stream, as the `pattern` of a form's field has it: whole, and with `-` escaped (HTML compiles it with `v`). */
export const STREAM_PATTERN = '[A-Za-z0-9][A-Za-z0-9._:\\-]{0,127}';

const stream = new RegExp(`^${STREAM_PATTERN}$`);

/** Whether a selection is the name of one stream. */
export function isStream(selection: string): boolean {
  return stream.test(selection);
}

/** One stream is watched at its own address, which may start numbers; a list or pattern in envelopes. */
export function watchUrl(selection: string): string {
  return isStream(selection) ? hubUrl(`sse/${selection}`) : eventsUrl(selection);
}

/** Many streams on one connection, in envelopes that tell stream and time. */
export function eventsUrl(selection: string): string {
  return hubUrl(`events?streams=${encodeURIComponent(selection)}`);
}

export function watchCommand(selection: string): string {
  return `curl -N ${quote(watchUrl(selection))}`;
}

/** Path to publish to a stream at; an empty type is none. */
export function ssePath(stream: string, type: string): string {
  return `sse/${stream}${type === '' ? '' : `?type=${encodeURIComponent(type)}`}`;
}

/** @param data JSON text */
export function publishCommand(stream: string, type: string, data: string): string {
  return `curl -H 'content-type: application/json' -d ${quote(data)} ${quote(hubUrl(ssePath(stream, type)))}`;
}

/** A curl command as somebody sends it who has a key or token, which is in the environment and not in the history. */
export function withToken(command: string): string {
  return command.replace(/^curl /, 'curl -H "authorization: Bearer $KEY" ');
}

/** A word for a POSIX shell. */
function quote(word: string): string {
  return /^[\w./:-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
