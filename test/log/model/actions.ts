import fc from 'fast-check';
import type { Retention } from '../../../src/log/retention.js';

const STREAMS = ['a', 'b', 'x.1', 'x.2', 'x.y.1', 'tasks.1', 'tasks.2', 'x.1.2.3.4.5.6.a'] as const;
const SELECTIONS = [
  'a',
  'b',
  'tasks.1',
  'a,b',
  'x.1,x.2,a',
  'x.*',
  'a,x.*',
  'tasks.*',
  '*',
  'nobody',
  'x.1.2.3.4.5.6.*',
];
/** Watchers at the same time. */
const SLOTS = 3;

export type Action =
  | { readonly do: 'append'; readonly streams: string[]; readonly size: number; readonly isGenerated: boolean }
  | { readonly do: 'purge'; readonly stream: string }
  /** Ends as by SIGKILL, whatever is under way, and starts again. */
  | { readonly do: 'crash' }
  | { readonly do: 'reopen' }
  /** Puts the directory by; the last one put by takes the place of the present one. */
  | { readonly do: 'backup' }
  | { readonly do: 'restore' }
  | {
      readonly do: 'join';
      readonly slot: number;
      readonly selection: string;
      readonly cursor: Place;
      readonly nth: number;
    }
  | { readonly do: 'drain'; readonly slot: number }
  | { readonly do: 'flow'; readonly slot: number; readonly isFlowing: boolean }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'settle' };

/** Where a cursor comes from: the last one this watcher had, or any that was ever given out. */
type Place = 'none' | 'seen' | 'any';

export interface Setup {
  readonly retention: Partial<Retention>;
  readonly windowBytes: number;
}

const all = Number.POSITIVE_INFINITY;

export const setups: fc.Arbitrary<Setup> = fc.record({
  retention: fc.record({
    events: fc.constantFrom(all, all, 5, 15, 40),
    bytes: fc.constantFrom(all, all, 60_000, 25_000, 1500),
    ageMs: fc.constantFrom(all, all, 10_000),
    eventsPerStream: fc.constantFrom(all, all, 3, 10),
    streams: fc.constantFrom(all, all, 3),
  }),
  windowBytes: fc.constantFrom(600, 600, 65_536),
});

const slot = fc.nat(SLOTS - 1);
const stream = fc.constantFrom(...STREAMS);

const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      do: fc.constant('append' as const),
      streams: fc.array(stream, { minLength: 1, maxLength: 8 }),
      size: fc.constantFrom(1, 1, 300, 20_000),
      isGenerated: fc.constantFrom(false, false, false, true),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('purge' as const), stream }) },
  { weight: 1, arbitrary: fc.constant<Action>({ do: 'crash' }) },
  { weight: 1, arbitrary: fc.constant<Action>({ do: 'reopen' }) },
  { weight: 1, arbitrary: fc.constant<Action>({ do: 'backup' }) },
  { weight: 1, arbitrary: fc.constant<Action>({ do: 'restore' }) },
  {
    weight: 7,
    arbitrary: fc.record({
      do: fc.constant('join' as const),
      slot,
      selection: fc.constantFrom(...SELECTIONS),
      cursor: fc.constantFrom<Place>('none', 'seen', 'seen', 'any', 'any', 'any'),
      nth: fc.nat(1000),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('drain' as const), slot }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('flow' as const), slot, isFlowing: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(1000, 8000) }) },
  { weight: 3, arbitrary: fc.constant<Action>({ do: 'settle' }) },
);

export const scripts: fc.Arbitrary<Action[]> = fc.array(action, { minLength: 1, maxLength: 60, size: 'max' });
