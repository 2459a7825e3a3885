import { join } from 'node:path';
import { defineConfig } from 'vite';

const page = (name: string) => join(import.meta.dirname, name);

/** URLs are relative, so that the pages work under any prefix; nothing is inlined, for the Content-Security-Policy. */
export default defineConfig({
  root: import.meta.dirname,
  base: './',
  publicDir: false,
  clearScreen: false,
  build: {
    outDir: '../public',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: { input: [page('index.html'), page('test-multi-client.html')] },
  },
});
