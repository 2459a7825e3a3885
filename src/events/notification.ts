type NotificationLevel = 'info' | 'success' | 'warning' | 'error';

interface NotificationInput {
  readonly message: string;
  readonly title?: string;
  readonly level?: NotificationLevel;
}

interface Notification extends NotificationInput {
  /** Unique among the notifications of this server, also after a restart. */
  readonly id: number;
  /** Epoch milliseconds. */
  readonly timestamp: number;
}

/** Far more than can be made in a millisecond, so that after a restart numbers do not come again. */
const NUMBERS_PER_MS = 1000;

let lastId = 0;

/** Gives a notification its number: by the time, or the next free one when there are several in a millisecond. */
export function createNotification(input: NotificationInput, now: number): Notification {
  lastId = Math.max(lastId + 1, now * NUMBERS_PER_MS);
  return { id: lastId, ...input, timestamp: now };
}
