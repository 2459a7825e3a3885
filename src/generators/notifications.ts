import { createNotification } from '../events/notification.js';
import { type Generator, pick } from './generator.js';

const MESSAGES = ['New user signed up', 'Payment received', 'Deployment finished', 'Backup completed'] as const;

/** Simulated notifications, like those of `POST /notify`. */
export function createNotifications(intervalMs: number): Generator {
  return {
    stream: 'notifications',
    type: 'notification',
    intervalMs,
    next: (now) => createNotification({ message: pick(MESSAGES) }, now),
  };
}
