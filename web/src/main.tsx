import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.js';
import './styles/base.css';
import './styles/controls.css';
import './styles/live.css';
import './styles/events.css';

const root = document.getElementById('root');
if (root === null) {
  throw new Error('the page has no element to draw into');
}
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
