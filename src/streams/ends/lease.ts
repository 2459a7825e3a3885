/** For how long somebody may watch. An empty lease never ends. */
export interface Lease {
  /** When it expires, epoch milliseconds. */
  readonly expiresAt?: number | undefined;
  /** Aborted when the right to watch is taken away. */
  readonly revoked?: AbortSignal | undefined;
}
