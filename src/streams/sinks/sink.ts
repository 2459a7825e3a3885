/** Takes bytes without ever waiting; a socket or a response is one as it is. */
export interface Outlet {
  /** Bytes taken but not yet handed to the operating system. */
  readonly writableLength: number;
  /** @param sent called once these bytes, and all before them, have been handed over */
  write(chunk: Buffer, sent?: () => void): unknown;
}

/** Where a watcher's bytes go. */
export interface Sink {
  /** Deliveries write to it directly. */
  readonly outlet: Outlet;
  /** Sends `last`, then ends the stream properly. */
  end(last: Buffer): void;
  /** Drops the stream with everything unsent. */
  destroy(): void;
  /** Sets the one listener for the end of the stream, from whichever side. */
  onClose(listener: () => void): void;
}
