#!/usr/bin/env bash
# Packs the package, installs it into an empty project as a stranger would, and uses what it offers:
# the plugin with its types, the client's types, and the program.
set -euo pipefail
cd "$(dirname "$0")/.."
repository=$PWD
project=$(mktemp -d)
server=
finish() {
  [ -z "$server" ] || kill "$server" 2>/dev/null || true
  rm -rf "$project"
}
trap finish EXIT

# As an earlier version may have left it: what is in these folders is loaded because it is there.
mkdir -p dist/routes
echo 'throw new Error("left over");' > dist/routes/left-over.js
npm pack --silent --pack-destination "$project"
cd "$project"

echo 'the package holds what runs and nothing else'
tar -tzf sluice-*.tgz | sort > files
if grep -E '^package/(test|bench|web|scripts|examples|docs|src)/|left-over|\.test\.|\.map$|\.tsbuildinfo$' files; then
  echo 'these do not belong into the package' >&2
  exit 1
fi
for file in package.json README.md LICENSE public/index.html dist/src/app.js dist/src/app.d.ts dist/src/server.js; do
  grep -qx "package/$file" files || { echo "the package lacks $file" >&2; exit 1; }
done

echo 'it installs into an empty project'
npm init -y > package.json.log
npm pkg set type=module
npm install --silent --prefer-offline --no-audit --no-fund ./sluice-*.tgz fastify@5 @types/node@20

echo 'its types hold and its plugin runs'
cat > use.ts <<'TS'
import Fastify from 'fastify';
import sluice, { type EventInput, type SluiceOptions } from 'sluice';
import * as client from 'sluice/client';

const options: SluiceOptions = { prefix: '/live', maxEventBytes: 1024 };
const event: EventInput = { stream: 'orders', data: { id: 1 } };
const app = Fastify();
await app.register(sluice, options);
await app.ready();
const { id }: { id: string } = await app.bus.publish(event);
const watched: number = app.streams.size + app.generators.running.length;
const { statusCode } = await app.inject('/live/sse/a%20b');
// @ts-expect-error: data is missing
const wrong: EventInput = { stream: 'orders' };
await app.close();
if (id === '' || watched !== 0 || statusCode !== 400 || wrong.stream !== 'orders' || Object.keys(client).length === 0) {
  throw new Error('the plugin does not do what it should');
}
TS
"$repository/node_modules/.bin/tsc" --strict --target es2022 --module nodenext --types node use.ts
node use.js
node --input-type=commonjs --eval "
  const app = require('fastify')();
  app.register(require('sluice'));
  app.ready().then(() => app.close());"

echo 'its program starts, serves and stops'
PORT=0 node_modules/.bin/sluice > log &
server=$!
for _ in $(seq 100); do
  url=$(sed -n 's/.*"event":"start","url":"\([^"]*\)".*/\1/p' log)
  [ -z "$url" ] || break
  sleep 0.1
done
curl -fsS -H 'content-type: text/plain' -d 'hello' "$url/sse/hello" > /dev/null
curl -fsS -H 'accept: text/html' "$url/" | grep -q '<!doctype html>'
curl -fsS "$url/docs/json" | grep -q '"openapi"'
kill -TERM "$server"
wait "$server"
server=
grep -q '"event":"stopped"' log

echo 'the package is right'
