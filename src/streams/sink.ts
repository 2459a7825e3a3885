/** Where a watcher's bytes go. Writing never waits; what could not be sent yet is counted. */
export interface Sink {
  /** Bytes taken but not yet handed to the operating system. */
  readonly unsent: number;
  /** @param sent called once these bytes, and all before them, have been handed over */
  write(chunk: Buffer, sent?: () => void): void;
  /** Sends `last`, then ends the stream properly. */
  end(last: Buffer): void;
  /** Drops the stream with everything unsent. */
  destroy(): void;
  /** Sets the one listener for the end of the stream, from whichever side. */
  onClose(listener: () => void): void;
}
