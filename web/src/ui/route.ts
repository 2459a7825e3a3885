import { useSyncExternalStore } from 'react';

export const VIEWS = ['live', 'streams', 'side-by-side', 'resume'] as const;
export type View = (typeof VIEWS)[number];

export interface Route {
  readonly view: View;
  /** What follows the view in the address, decoded: for `streams` the selection. */
  readonly detail: string;
}

/** The view is in the fragment, so that it can be bookmarked and needs no route of the server. */
export function useRoute(): Route {
  return parseRoute(useSyncExternalStore(subscribe, () => location.hash));
}

export function linkTo(view: View, detail = ''): string {
  return detail === '' ? `#/${view}` : `#/${view}/${encodeURIComponent(detail)}`;
}

function subscribe(listener: () => void): () => void {
  addEventListener('hashchange', listener);
  return () => removeEventListener('hashchange', listener);
}

function parseRoute(hash: string): Route {
  const [, name = '', detail = ''] = hash.split('/');
  return { view: toView(name) ?? toView(document.documentElement.dataset.view) ?? 'live', detail: decode(detail) };
}

function toView(name: string | undefined): View | undefined {
  return VIEWS.find((view) => view === name);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}
