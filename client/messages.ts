/** What a frame says, whichever format it travelled in. */
export interface Message {
  readonly type: string;
  readonly data: unknown;
  readonly stream?: string;
  readonly time?: string;
}

const CONTROL_TYPES: ReadonlySet<unknown> = new Set(['connected', 'heartbeat', 'refused', 'expiring']);

/**
 * Reads the frames of one connection. The first tells the format: the server begins with a frame of its own, which names
 * its type in `event:` (plain) or in its data (envelope). Later frames cannot change it, or a publisher could forge them.
 */
export function createMessageReader(): (type: string | undefined, text: string) => Message {
  let isEnvelope: boolean | undefined;
  return (type, text) => {
    const data = parse(text);
    isEnvelope ??= type === undefined && isMessage(data) && CONTROL_TYPES.has(data.type);
    return isEnvelope && isMessage(data) ? data : { type: type ?? 'message', data };
  };
}

function isMessage(data: unknown): data is Message {
  return typeof data === 'object' && data !== null && 'data' in data && 'type' in data && typeof data.type === 'string';
}

/** The plain format sends a text as it is and everything else as JSON. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
