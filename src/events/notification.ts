export type NotificationLevel = 'info' | 'success' | 'warning' | 'error';

export interface NotificationInput {
  readonly message: string;
  readonly title?: string;
  readonly level?: NotificationLevel;
}

export interface Notification extends NotificationInput {
  /** Unique among the notifications of this server. */
  readonly id: number;
  /** Epoch milliseconds. */
  readonly timestamp: number;
}

let lastId = 0;

/** Gives a notification its number: the time, or the next free number when there are several in a millisecond. */
export function createNotification(input: NotificationInput, now: number): Notification {
  lastId = Math.max(lastId + 1, now);
  return { id: lastId, ...input, timestamp: now };
}
