import type { Clock } from '../../clock.js';
import { withStateDue } from '../../events/cursor.js';
import type { EventLog } from '../../log/event-log.js';
import type { AudienceOptions } from '../audience.js';
import type { Connection } from '../connection.js';
import { encodeConnected } from '../control-frames.js';
import { encodeStates } from './initial-state.js';
import type { Verdict } from './resume.js';

/** Tells a watcher its verdict, before anything else. */
export class Greeter {
  readonly #log: EventLog;
  readonly #options: AudienceOptions;
  readonly #clock: Clock;

  constructor(log: EventLog, options: AudienceOptions, clock: Clock) {
    this.#log = log;
    this.#options = options;
    this.#clock = clock;
  }

  /**
   * Its cursor says so where the current state is to follow: cut off before that, a watcher would not know what it lacks.
   * @returns the state, of which half of what may be unsent is taken at most: a healthy watcher is not slow before the first event
   * @throws SluiceError when it is damaged; the watcher has been greeted then, too
   */
  greet(connection: Connection, verdict: Verdict, withStates: boolean): Buffer[] {
    let isStateDue = withStates;
    try {
      const states = withStates ? encodeStates(this.#log, connection, this.#options.maxBufferedBytes / 2) : [];
      isStateDue = states.length > 0;
      return states;
    } finally {
      this.#sendConnected(connection, verdict, isStateDue);
    }
  }

  #sendConnected(connection: Connection, verdict: Verdict, isStateDue: boolean): void {
    const { selection, format, position } = connection;
    const { heartbeatIntervalMs: heartbeatMs, retryMs } = this.#options;
    const place = this.#log.cursorAt(position);
    const cursor = isStateDue ? withStateDue(place) : place;
    const timestamp = this.#clock.now();
    connection.write(encodeConnected({ selection, format, verdict, cursor, timestamp, heartbeatMs }, retryMs));
  }
}
