import t from 'tap';
import { countedAddress } from '../../src/limits/address.js';
import { turn } from '../support/clock.js';
import { createHub } from '../support/hub.js';

const one = { address: '192.0.2.1' };
const other = { address: '192.0.2.2' };

t.test('one address may have so many connections, another has its own, and one that leaves makes room', async (t) => {
  const hub = createHub({ registry: { maxConnectionsPerIp: 2 } });
  const [first] = [hub.watch('a', { client: one }), hub.watch('b', { client: one })];
  t.match(hub.streams.refusal(one), { code: 'SLUICE_TOO_MANY_PER_IP' });
  t.equal(hub.streams.refusal(other), undefined);
  t.equal(hub.streams.refusal(), undefined, 'nobody is not counted');
  first.sink.destroy();
  await turn();
  t.equal(hub.streams.refusal(one), undefined);
});

t.test('one principal may have so many, wherever they come from', async (t) => {
  const hub = createHub({ registry: { maxConnectionsPerPrincipal: 2 } });
  const principal = 'key:sensor';
  const [first] = [one, other].map((from) => hub.watch('a', { client: { ...from, principal } }));
  t.match(hub.streams.refusal({ address: '192.0.2.3', principal }), { code: 'SLUICE_TOO_MANY_PER_PRINCIPAL' });
  t.equal(hub.streams.refusal({ ...one, principal: 'key:other' }), undefined);
  t.equal(hub.streams.refusal(one), undefined, 'who has not signed in is none');
  first?.sink.destroy();
  await turn();
  t.equal(hub.streams.refusal({ principal }), undefined);
});

t.test('an address opens a minute of connections at once, and then as many as time allows', async (t) => {
  const hub = createHub({ registry: { maxOpensPerIp: 60 } });
  const opened = async () => {
    let count = 0;
    for (; hub.streams.refusal(one) === undefined; count++) {
      hub.watch('a', { client: one }).sink.destroy();
    }
    await turn();
    return count;
  };
  t.equal(await opened(), 60);
  t.match(hub.streams.refusal(one), { code: 'SLUICE_OPENED_TOO_FAST' });
  t.equal(hub.streams.refusal(other), undefined);
  await hub.clock.advance(900);
  t.equal(await opened(), 0);
  await hub.clock.advance(200);
  t.equal(await opened(), 1, 'one a second');
  await hub.clock.advance(10_000);
  t.equal(await opened(), 10);
  await hub.clock.advance(10 * 60_000);
  t.equal(await opened(), 60, 'never more than a minute of them');
});

t.test('every odd limit of opening is kept to the connection', async (t) => {
  for (const maxOpensPerIp of [1, 7, 999, 3000]) {
    const hub = createHub({ registry: { maxOpensPerIp, maxConnections: 10_000 } });
    let count = 0;
    for (; hub.streams.refusal(one) === undefined; count++) {
      hub.watch('a', { client: one });
    }
    t.equal(count, maxOpensPerIp);
  }
});

t.test('0 is no limit, and fifteen thousand come back at once', async (t) => {
  const hub = createHub({ registry: { maxConnections: 20_000 } });
  const client = { ...one, principal: 'key:all' };
  for (let i = 0; i < 15_000; i++) {
    hub.watch('a', { client });
  }
  t.equal(hub.streams.refusal(client), undefined);
});

t.test('a clock that is set back locks nobody out', async (t) => {
  const hub = createHub({ registry: { maxOpensPerIp: 1 } });
  hub.watch('a', { client: one });
  t.not(hub.streams.refusal(one), undefined);
  hub.clock.correct(-3_600_000);
  t.not(hub.streams.refusal(one), undefined);
  await hub.clock.advance(60_000);
  t.equal(hub.streams.refusal(one), undefined);
});

t.test('an address is an IPv4 address or an IPv6 network, however it is written', async (t) => {
  for (const [ip, counted] of [
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0DB8:1:2::6', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['64:ff9b::192.0.2.1', '64:ff9b:0:0::/64'],
    ['1:2:3:4:5:6:7::', '1:2:3:4::/64'],
    ['unknown', 'unknown'],
    ['', ''],
  ] as const) {
    t.equal(countedAddress(ip), counted, ip);
  }
});

t.test('this machine is not counted', async (t) => {
  for (const ip of ['127.0.0.1', '127.8.9.1', '::1', '::ffff:127.0.0.1']) {
    t.equal(countedAddress(ip), undefined, ip);
  }
});
