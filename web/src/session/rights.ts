/** Names and patterns, `orders.*` or `*`. */
export interface Rights {
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
}

export function mayPublish({ publish }: Rights, stream: string): boolean {
  return publish.some((allowed) => covers(allowed, stream));
}

export function maySubscribe({ subscribe }: Rights, stream: string): boolean {
  return subscribe.some((allowed) => covers(allowed, stream));
}

/** The names that may be watched, and the patterns of which some part may be. */
export function allowedOf({ subscribe }: Rights, items: readonly string[]): readonly string[] {
  return items.filter((item) => subscribe.some((allowed) => covers(allowed, item) || covers(item, allowed)));
}

/** Whether a name or pattern takes in all of another. */
function covers(outer: string, inner: string): boolean {
  return outer.endsWith('*') ? inner.startsWith(outer.slice(0, -1)) : outer === inner;
}
