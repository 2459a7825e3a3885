/** What a client must make of an event stream as a whole: WHATWG HTML §9.2.6, word by word. */
export interface Outcome {
  readonly events: { readonly type: string; readonly data: string; readonly id: string }[];
  lastEventId: string;
  retry: number | undefined;
}

interface Buffers {
  data: string;
  type: string;
  id: string;
}

export function interpret(bytes: Uint8Array): Outcome {
  const outcome: Outcome = { events: [], lastEventId: '', retry: undefined };
  const buffers: Buffers = { data: '', type: '', id: '' };
  const lines = new TextDecoder().decode(bytes).split(/\r\n|\r|\n/);
  // What follows the last line end is an unfinished line.
  for (const line of lines.slice(0, -1)) {
    if (line === '') {
      dispatch(outcome, buffers);
    } else {
      const [, field = '', value = ''] = /^([^:]*)(?::[ ]?(.*))?$/su.exec(line) ?? [];
      process(outcome, buffers, field, value);
    }
  }
  return outcome;
}

function dispatch(outcome: Outcome, buffers: Buffers): void {
  outcome.lastEventId = buffers.id;
  if (buffers.data !== '') {
    const data = buffers.data.slice(0, -1);
    outcome.events.push({ type: buffers.type || 'message', data, id: outcome.lastEventId });
  }
  buffers.data = '';
  buffers.type = '';
}

function process(outcome: Outcome, buffers: Buffers, field: string, value: string): void {
  switch (field) {
    case 'event':
      buffers.type = value;
      break;
    case 'data':
      buffers.data += `${value}\n`;
      break;
    case 'id':
      buffers.id = value.includes('\0') ? buffers.id : value;
      break;
    case 'retry':
      outcome.retry = /^[0-9]+$/.test(value) ? Number(value) : outcome.retry;
  }
}
