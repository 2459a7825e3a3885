import { type ReactNode, useEffect, useRef } from 'react';
import { hubUrl } from './hub/url.js';
import { LiveView } from './live/live-view.js';
import { SideBySideView } from './panes/side-by-side-view.js';
import { ResumeView } from './resume/resume-view.js';
import { Account } from './session/account.js';
import { Gate } from './session/gate.js';
import { useAccess } from './session/use-access.js';
import { StreamsView } from './streams/streams-view.js';
import { linkTo, type Route, useRoute, VIEWS, type View } from './ui/route.js';

const TITLES: Record<View, string> = {
  live: 'Live',
  streams: 'Streams',
  'side-by-side': 'Side by side',
  resume: 'Resume',
};

/** One view at a time, so that only what is on screen holds connections. */
export function App() {
  const route = useRoute();
  const { visit } = useAccess();
  return (
    <>
      <button type="button" className="skip" onClick={() => document.getElementById('main')?.focus()}>
        Skip to content
      </button>
      <Header view={route.view} />
      <Main key={`${route.view} ${visit}`} title={TITLES[route.view]}>
        <Gate>{show(route)}</Gate>
      </Main>
    </>
  );
}

function Header({ view }: { view: View }) {
  return (
    <header className="top">
      <h1>Sluice</h1>
      <p className="tagline">Publish over HTTP. Watch over Server-Sent Events. Resume exactly.</p>
      <nav aria-label="Views">
        {VIEWS.map((name) => (
          <a key={name} href={linkTo(name)} aria-current={name === view ? 'page' : undefined}>
            {TITLES[name]}
          </a>
        ))}
        <a href={hubUrl('docs/')}>API</a>
      </nav>
      <Account />
    </header>
  );
}

/** A change of view moves the focus, as a new page would, unless the view has one to begin with. */
function Main({ title, children }: { title: string; children: ReactNode }) {
  const element = useRef<HTMLElement>(null);
  useEffect(() => {
    const isFirst = !document.title.includes('·');
    document.title = `${title} · Sluice`;
    if (!isFirst && !element.current?.contains(document.activeElement)) {
      element.current?.focus({ preventScroll: true });
    }
  }, [title]);
  return (
    <main id="main" ref={element} tabIndex={-1} aria-label={title}>
      {children}
    </main>
  );
}

function show({ view, detail }: Route): ReactNode {
  switch (view) {
    case 'live':
      return <LiveView />;
    case 'streams':
      return <StreamsView selection={detail} />;
    case 'side-by-side':
      return <SideBySideView />;
    case 'resume':
      return <ResumeView />;
  }
}
