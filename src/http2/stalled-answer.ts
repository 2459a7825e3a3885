import { constants, type ServerHttp2Stream } from 'node:http2';
import type { Clock } from '../clock.js';

/** Longest time without progress on an answer other than an event stream, ms. */
export const STALL_MS = 72_000;

/**
 * Cancels an answer over HTTP/2 once its client takes longer than `STALL_MS` for a piece of it: 64 KiB of a file, else all of it.
 * Node's own time is for the connection, which one that answers PING keeps going.
 */
export function cancelWhenStalled(stream: ServerHttp2Stream, clock: Clock): void {
  if (stream.destroyed) {
    return;
  }
  const wait = () => clock.setTimeout(() => stream.close(constants.NGHTTP2_CANCEL), STALL_MS);
  let timer = wait();
  stream.on('drain', () => {
    clock.clearTimeout(timer);
    timer = wait();
  });
  stream.once('close', () => clock.clearTimeout(timer));
}
