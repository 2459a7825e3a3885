const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const dates = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' });
const numbers = new Intl.NumberFormat('en-US');

/** Time of day, local. */
export function formatTime(time: number | string): string {
  return clock.format(new Date(time));
}

/** Day and time of day, local. */
export function formatDate(time: number): string {
  return dates.format(new Date(time));
}

export function formatCount(count: number): string {
  return numbers.format(count);
}

export function formatBytes(bytes: number): string {
  if (bytes < 1024) {
    return `${bytes} B`;
  }
  const [value, unit] = bytes < 1024 ** 2 ? [bytes / 1024, 'KiB'] : [bytes / 1024 ** 2, 'MiB'];
  return `${value.toFixed(value < 10 ? 1 : 0)} ${unit}`;
}

/** "1 event", "2 events". */
export function plural(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}
