/** What is remembered of a stream, also when none of its events is left. */
export interface StreamState {
  readonly name: string;
  /** False while only generators have written to it. */
  published: boolean;
  events: number;
  bytes: number;
  /** Newest position ever, until the stream is forgotten. */
  last: number;
  /** Newest position removed from its history; 0 when nothing was. */
  trimmedTo: number;
  /** The table's count of trims at that removal. */
  trimmedAt: number;
}

/** A stream without events, which nobody has published to. */
export function newStreamState(name: string): StreamState {
  return { name, published: false, events: 0, bytes: 0, last: 0, trimmedTo: 0, trimmedAt: 0 };
}
