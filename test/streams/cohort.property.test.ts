import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { parseSelection } from '../../src/events/selection.js';
import { Cohort } from '../../src/streams/cohorts/cohort.js';
import { Connection } from '../../src/streams/connection.js';
import { TestSink } from '../support/test-sink.js';

interface Member {
  readonly connection: Connection;
  readonly sink: TestSink;
  /** Events published before it came. */
  readonly from: number;
  readonly received: string[];
}

/** A cohort beside what each member is to have received. */
class World {
  readonly cohort = new Cohort('a', parseSelection('a'), 'plain');
  readonly members: Member[] = [];
  readonly gone: Member[] = [];
  published = 0;
  deliveries = 0;

  join(): void {
    const received: string[] = [];
    const sink = new TestSink((chunk) => received.push(...chunk.toString().trimEnd().split(' ')));
    const connection = new Connection(this.cohort.selection, 'plain', sink, 0, 0);
    this.cohort.add(connection);
    this.members.push({ connection, sink, from: this.published, received });
  }

  leave(at: number): void {
    this.#remove(this.#at(at));
  }

  /** From now on it is slow, and taken out at its next delivery. */
  stall(at: number): void {
    const member = this.#at(at);
    if (member !== undefined) {
      member.sink.isFlowing = false;
    }
  }

  publish(): void {
    this.cohort.push(Buffer.from(`${this.published++} `));
  }

  serve(most: number): void {
    this.deliveries += this.cohort.serve(most, this.#lagging);
  }

  serveOne(at: number): void {
    const member = this.#at(at);
    if (member !== undefined) {
      this.deliveries += this.cohort.serveOne(member.connection, this.#lagging);
      member.sink.drain();
      assert.equal(member.received.length, this.published - member.from);
    }
  }

  readonly #lagging = (connection: Connection) => {
    this.#remove(this.members.find((member) => member.connection === connection));
  };

  #at(at: number): Member | undefined {
    return this.members[at % (this.members.length || 1)];
  }

  #remove(member: Member | undefined): void {
    if (member !== undefined) {
      this.cohort.remove(member.connection);
      this.members.splice(this.members.indexOf(member), 1);
      this.gone.push(member);
    }
  }
}

const place = fc.nat(20);
const action = fc.oneof(
  fc.constant((world: World) => world.join()),
  fc.constant((world: World) => world.publish()),
  place.map((at) => (world: World) => world.leave(at)),
  place.map((at) => (world: World) => world.stall(at)),
  place.map((most) => (world: World) => world.serve(most)),
  place.map((at) => (world: World) => world.serveOne(at)),
);

function numbersFrom(from: number, count: number): string[] {
  return Array.from({ length: count }, (_, i) => String(from + i));
}

t.test(
  'each connection gets every event since it came, once and in order, whoever comes, leaves or is served',
  async (t) => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
        const world = new World();
        for (const run of actions) {
          run(world);
        }
        world.serve(world.members.length);
        assert.deepEqual([world.cohort.waitingEvents, world.cohort.waitingBytes], [0, 0]);
        for (const { from, received } of world.members) {
          assert.deepEqual(received, numbersFrom(from, world.published - from));
        }
        for (const { from, received, connection, sink } of world.gone) {
          sink.drain();
          assert.deepEqual(received, numbersFrom(from, received.length), 'what it got before it left has no hole');
          const bytes = Buffer.byteLength(received.map((each) => `${each} `).join(''));
          const { events, bytes: counted } = connection.summary(0);
          assert.deepEqual([events, counted], [received.length, bytes]);
        }
        const all = [...world.members, ...world.gone];
        assert.equal(
          world.deliveries,
          all.reduce((sum, { received }) => sum + received.length, 0),
        );
      }),
      { numRuns: 1000 },
    );
    t.end();
  },
);
