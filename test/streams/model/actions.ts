import fc from 'fast-check';
import type { Format } from '../../../src/events/frame.js';
import type { Retention } from '../../../src/log/retention.js';

const STREAMS = ['a', 'b', 'x.1', 'x.2', 'x.y.1', 'tasks.1'] as const;
const SELECTIONS = ['a', 'b', 'tasks.1', 'a,b', 'x.1,x.2,a', 'x.*', 'x.y.*', 'a,x.*', 'tasks.*,x.1', '*', 'nobody'];
/** Watchers at the same time. */
export const SLOTS = 3;

/** Where a watcher's cursor comes from: the last id it saw, some place in the history, or nothing good. */
export type CursorKind = 'none' | 'seen' | 'old' | 'ahead' | 'epoch' | 'malformed';

export type Action =
  | { readonly do: 'publish'; readonly stream: string; readonly size: number }
  | { readonly do: 'batch'; readonly streams: string[]; readonly size: number }
  | { readonly do: 'purge'; readonly stream: string }
  | {
      readonly do: 'join';
      readonly slot: number;
      readonly selection: string;
      readonly format: Format;
      readonly cursor: CursorKind;
      readonly place: number;
      readonly isFlowing: boolean;
    }
  | { readonly do: 'leave'; readonly slot: number }
  | { readonly do: 'drain'; readonly slot: number; readonly bytes: number }
  | { readonly do: 'flow'; readonly slot: number; readonly isFlowing: boolean }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'turn' };

export interface Setup {
  readonly retention: Partial<Retention>;
  readonly windowBytes: number;
  readonly maxBufferedBytes: number;
}

const all = Number.POSITIVE_INFINITY;

export const setups: fc.Arbitrary<Setup> = fc.record({
  retention: fc.record({
    events: fc.constantFrom(all, all, 5, 15, 40),
    eventsPerStream: fc.constantFrom(all, all, 3, 10),
    streams: fc.constantFrom(all, all, 3),
  }),
  windowBytes: fc.constantFrom(600, 5000, 100_000, 1_000_000),
  maxBufferedBytes: fc.constantFrom(80_000, 1_000_000),
});

const slot = fc.nat(SLOTS - 1);
const stream = fc.constantFrom(...STREAMS);
// Three of the large ones fill a page.
const size = fc.constantFrom(1, 1, 500, 25_000);
const isFlowing = fc.boolean();
const cursorKinds: CursorKind[] = ['none', 'seen', 'seen', 'seen', 'old', 'old', 'ahead', 'epoch', 'malformed'];

const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('publish' as const), stream, size }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('batch' as const),
      streams: fc.array(stream, { minLength: 1, maxLength: 12 }),
      size,
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('purge' as const), stream }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('join' as const),
      slot,
      selection: fc.constantFrom(...SELECTIONS),
      format: fc.constantFrom<Format>('plain', 'envelope'),
      cursor: fc.constantFrom(...cursorKinds),
      place: fc.nat(100),
      isFlowing,
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('leave' as const), slot }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('drain' as const), slot, bytes: fc.nat(60_000) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('flow' as const), slot, isFlowing }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(1000, 8000) }) },
  { weight: 4, arbitrary: fc.constant<Action>({ do: 'turn' }) },
);

export const scripts: fc.Arbitrary<Action[]> = fc.array(action, { minLength: 1, maxLength: 80, size: 'max' });
