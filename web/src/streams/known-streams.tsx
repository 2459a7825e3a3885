import { useState } from 'react';
import type { StreamInfo } from '../hub/requests.js';
import { Empty } from '../ui/card.js';
import { formatBytes, formatCount } from '../ui/format.js';
import { linkTo } from '../ui/route.js';
import { useStreams } from './use-streams.js';

/** The streams the server knows, with their watchers and what is retained of them. */
export function KnownStreams() {
  const [prefix, setPrefix] = useState('');
  const { page, failure } = useStreams(prefix);
  return (
    <>
      <label className="field">
        <span className="visually-hidden">Name begins with</span>
        <input
          type="search"
          placeholder="Name begins with"
          value={prefix}
          onChange={(event) => setPrefix(event.target.value)}
        />
      </label>
      {failure !== undefined && <p className="outcome" data-tone="bad">{`${failure} This list is not fresh.`}</p>}
      <Found prefix={prefix} streams={page?.streams} />
      {page?.next !== undefined && <p className="muted">There are more: type the beginning of a name.</p>}
    </>
  );
}

function Found({ prefix, streams }: { prefix: string; streams: readonly StreamInfo[] | undefined }) {
  if (streams === undefined) {
    return <Empty>Waiting for the list.</Empty>;
  }
  return streams.length === 0 ? (
    <Empty>No stream {prefix === '' ? 'yet: publish to one, and it is there.' : 'begins with this.'}</Empty>
  ) : (
    <StreamTable streams={streams} />
  );
}

function StreamTable({ streams }: { streams: readonly StreamInfo[] }) {
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">Stream</th>
          <th scope="col">Watchers</th>
          <th scope="col">Events</th>
          <th scope="col">Size</th>
        </tr>
      </thead>
      <tbody>
        {streams.map(({ stream, watchers, events, bytes }) => (
          <tr key={stream}>
            <th scope="row">
              <a href={linkTo('streams', stream)}>{stream}</a>
            </th>
            <td>{formatCount(watchers)}</td>
            <td>{formatCount(events)}</td>
            <td>{formatBytes(bytes)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
