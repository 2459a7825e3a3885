import type { Clock } from './clock.js';
import type { HubConfig } from './config/settings.js';
import type { Load } from './limits/load.js';

/** What every plugin and route of one hub is given as its options. */
export interface HubContext {
  readonly config: HubConfig;
  readonly clock: Clock;
  /** @see SluiceOptions.releaseReplies */
  readonly releaseReplies: boolean;
  /** Whether a path that nothing is at can only be one of the hub's. */
  readonly ownsUnknownPaths: boolean;
  /** When the hub began, by the clock's `elapsed`. */
  readonly since: number;
  /** Counted as they happen. */
  readonly figures: Figures;
  readonly load: Load;
}

interface Figures {
  requests: number;
  /** Requests answered with an error, by its code. */
  readonly rejected: Record<string, number>;
}
