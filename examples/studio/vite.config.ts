/** Serves and builds the page. Of Erbium it takes the doors that package.json names, as any page would. */

import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'vite';

/** Writes the service worker, which keeps all files of this build for use without a network. */
const offline = (): Plugin => ({
  name: 'offline',
  apply: 'build',
  enforce: 'post',
  generateBundle(_options, bundle) {
    const names = [...Object.keys(bundle), 'icon.svg'].sort();
    const version = createHash('sha256').update(names.join('\n')).digest('hex').slice(0, 12);
    const source = `const CACHE = 'erbium-studio-${version}';
const FILES = ${JSON.stringify(['./', ...names.map((name) => `./${name}`)])};
self.addEventListener('install', (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(FILES)).then(() => self.skipWaiting()));
});
self.addEventListener('activate', (event) => {
  const old = (name) => name.startsWith('erbium-studio-') && name !== CACHE;
  event.waitUntil(
    caches.keys()
      .then((names) => Promise.all(names.filter(old).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});
self.addEventListener('fetch', (event) => {
  if (event.request.method !== 'GET') return;
  event.respondWith(
    caches.match(event.request, { ignoreSearch: true }).then((kept) => kept ?? fetch(event.request)),
  );
});
`;
    this.emitFile({ type: 'asset', fileName: 'sw.js', source });
  },
});

export default defineConfig({
  root: import.meta.dirname,
  // It may be served from any folder.
  base: './',
  cacheDir: fileURLToPath(new URL('../../node_modules/.vite/studio', import.meta.url)),
  build: {
    outDir: fileURLToPath(new URL('../../dist/studio', import.meta.url)),
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: { polyfill: false },
  },
  worker: { format: 'es' },
  plugins: [offline()],
});
