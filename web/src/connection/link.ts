import type { AnyEvent, ConnectionState, Resume } from '../../../client/index.js';

/** An event as it came. */
export type Received = AnyEvent & {
  /** Unique on this page. */
  readonly key: number;
  /** Arrival, epoch milliseconds. */
  readonly at: number;
};

/** A connection as the page sees it. `held`: the access has ended, and it goes on where it was with another. */
export interface Link {
  readonly state: ConnectionState | { readonly status: 'idle' } | { readonly status: 'held' };
  /** When the state began, epoch milliseconds. */
  readonly since: number;
  /** The verdict of the latest connection. */
  readonly resume?: Resume;
}
