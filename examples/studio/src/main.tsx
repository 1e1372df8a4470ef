/** Puts the page up, and keeps it for use without a network. */

import { render } from 'preact';
import { App } from './app.tsx';
import './style.css';

render(<App />, document.getElementById('app')!);

if (import.meta.env.PROD && 'serviceWorker' in navigator) {
  // Without one the page only needs the network, as where storage is forbidden.
  navigator.serviceWorker.register('./sw.js').catch(() => {});
}
