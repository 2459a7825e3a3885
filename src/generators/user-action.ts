import { type Generator, pick } from './generator.js';

const ACTIONS = ['User logged in', 'User logged out', 'User updated profile', 'User placed an order'] as const;

/** Simulated actions of users. */
export function createUserAction(intervalMs: number): Generator {
  return {
    stream: 'user-action',
    type: 'user-action',
    intervalMs,
    next: (now) => ({
      action: pick(ACTIONS),
      userId: `user${Math.floor(Math.random() * 1000)}`,
      timestamp: new Date(now).toISOString(),
    }),
  };
}
