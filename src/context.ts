import type { Clock } from './clock.js';
import type { HubConfig } from './config.js';

/** What every plugin and route of one hub is given as its options. */
export interface HubContext {
  readonly config: HubConfig;
  readonly clock: Clock;
  readonly version: string;
  /** @see SluiceOptions.releaseReplies */
  readonly releaseReplies: boolean;
  /** When the hub began, epoch milliseconds. */
  readonly since: number;
  /** Counted as they happen. */
  readonly figures: { requests: number };
}
