import { memo } from 'react';
import { Empty } from '../ui/card.js';
import { formatTime } from '../ui/format.js';
import { ScrollList } from '../ui/scroll-list.js';
import type { LiveState } from './live-state.js';
import type { Notification } from './shapes.js';

/** Notifications, newest first. */
export function NotificationFeed({ notifications }: { notifications: LiveState['notifications'] }) {
  if (notifications.length === 0) {
    return <Empty>None yet. With demo streams on, one comes every five seconds.</Empty>;
  }
  return (
    <ScrollList className="feed" label="Notifications, newest first">
      {notifications.map(({ key, ...notification }) => (
        <Item key={key} notification={notification} />
      ))}
    </ScrollList>
  );
}

const Item = memo(function Item({ notification }: { notification: Notification }) {
  const { title, message, level, time } = notification;
  return (
    <li data-level={level}>
      <time dateTime={new Date(time).toISOString()}>{formatTime(time)}</time>
      <div>
        {level !== 'info' && <span className="level">{level} </span>}
        {title !== undefined && <strong>{title} </strong>}
        {message}
      </div>
    </li>
  );
});
