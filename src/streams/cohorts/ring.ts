import type { Connection } from '../connection.js';

/** Connections that stand in a circle and take turns. */
export class Ring {
  /** Whose turn it is; undefined when there is none. */
  next: Connection | undefined;
  size = 0;

  /** Takes one in whose turn comes after everybody else's. */
  add(connection: Connection): void {
    this.size++;
    this.next ??= connection;
    connection.next = this.next;
    connection.previous = this.next.previous;
    connection.previous.next = connection;
    connection.next.previous = connection;
  }

  delete(connection: Connection): void {
    const { next, previous } = connection;
    this.size--;
    if (this.next === connection) {
      this.next = next === connection ? undefined : next;
    }
    previous.next = next;
    next.previous = previous;
    connection.next = connection;
    connection.previous = connection;
  }
}
