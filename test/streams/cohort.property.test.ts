import fc from 'fast-check';
import t from 'tap';
import { Cohort } from '../../src/streams/cohort.js';
import { Connection } from '../../src/streams/connection.js';
import { parseSelection } from '../../src/streams/selection.js';
import { TestSink } from '../support/test-sink.js';

interface Member {
  readonly connection: Connection;
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
  /** Whether whoever serves it would have been told. */
  isWaiting = false;

  join(): void {
    const received: string[] = [];
    const sink = new TestSink((chunk) => received.push(...chunk.toString().trimEnd().split(' ')));
    const connection = new Connection(this.cohort.selection, 'plain', sink, 0, 0);
    this.cohort.add(connection);
    this.members.push({ connection, from: this.published, received });
  }

  leave(at: number): void {
    for (const member of this.members.splice(at % (this.members.length || 1), 1)) {
      this.cohort.remove(member.connection);
      this.gone.push(member);
    }
  }

  publish(): void {
    const isFirst = this.cohort.push(Buffer.from(`${this.published++} `));
    t.equal(isFirst, !this.isWaiting);
    this.isWaiting = true;
  }

  serve(most: number): void {
    this.deliveries += this.cohort.serve(most, () => {});
    this.isWaiting = this.cohort.waitingEvents > 0;
  }

  serveOne(at: number): void {
    const member = this.members[at % (this.members.length || 1)];
    if (member !== undefined) {
      this.deliveries += this.cohort.serveOne(member.connection, () => {});
      t.equal(member.received.length, this.published - member.from);
    }
  }
}

const place = fc.nat(20);
const action = fc.oneof(
  fc.constant((world: World) => world.join()),
  fc.constant((world: World) => world.publish()),
  place.map((at) => (world: World) => world.leave(at)),
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
          for (const { connection, received } of world.members) {
            t.equal(connection.bytes, Buffer.byteLength(received.map((each) => `${each} `).join('')));
          }
        }
        world.serve(world.members.length);
        t.same([world.cohort.waitingEvents, world.cohort.waitingBytes], [0, 0]);
        for (const { from, received } of world.members) {
          t.same(received, numbersFrom(from, world.published - from));
        }
        for (const { from, received, connection } of world.gone) {
          t.same(received, numbersFrom(from, received.length), 'what it got before it left has no hole');
          t.equal(connection.summary(0).events, received.length);
        }
        const all = [...world.members, ...world.gone];
        t.equal(
          world.deliveries,
          all.reduce((sum, { received }) => sum + received.length, 0),
        );
      }),
      { numRuns: 300 },
    );
  },
);
