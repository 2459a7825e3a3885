import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.js';
import { access } from './session/access.js';
import './styles/base.css';
import './styles/page.css';
import './styles/controls.css';
import './styles/status.css';
import './styles/live.css';
import './styles/events.css';
import './styles/session.css';

const root = document.getElementById('root');
if (root === null) {
  throw new Error('the page has no element to draw into');
}
access.load();
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
