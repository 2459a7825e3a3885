import { textField } from './json.js';

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
    const inner = textField(data, 'type');
    isEnvelope ??= type === undefined && CONTROL_TYPES.has(inner);
    return isEnvelope && inner !== undefined ? (data as Message) : { type: type ?? 'message', data };
  };
}

/** The plain format sends a text as it is and everything else as JSON. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
