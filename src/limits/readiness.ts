import type { EventLog } from '../log/event-log.js';
import type { StreamRegistry } from '../streams/registry.js';
import type { Load } from './load.js';

/** Why this process should be sent no requests; undefined while it should. */
export function unreadiness(
  { isClosing }: Pick<StreamRegistry, 'isClosing'>,
  log: Pick<EventLog, 'problem'>,
  { problem }: Pick<Load, 'problem'>,
): string | undefined {
  return isClosing ? 'shutting down' : (log.problem() ?? (problem && `overloaded: ${problem}`));
}
