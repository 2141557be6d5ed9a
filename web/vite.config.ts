// Build and development server. The page is served at "/" by the application itself; in development the API is proxied.
import vue from '@vitejs/plugin-vue'
import type { Plugin } from 'vite'
import { defineConfig } from 'vitest/config'
import { serviceWorker } from './scripts/worker.ts'

const api = process.env.JINGTU_DEV_API ?? 'http://127.0.0.1:8000'
const paths = [
  '/accounts', '/admin', '/catalog', '/changes', '/checks', '/events', '/examples', '/features', '/identify',
  '/jobs', '/landuse', '/legend', '/me', '/ogc', '/parcels', '/raster', '/search', '/static', '/style.json', '/tiles',
]

/** The font of labels comes with the first scripts: the map waits for it, and it is the greatest file. */
const fontFirst: Plugin = {
  name: 'font-first',
  transformIndexHtml: {
    order: 'post',
    handler: (_, { bundle }) => Object.keys(bundle ?? {}).filter((file) => /chinese-simplified-400-normal.*\.woff2$/.test(file)).map((file) => ({
      tag: 'link', injectTo: 'head' as const, attrs: { rel: 'preload', href: `/${file}`, as: 'font', type: 'font/woff2', crossorigin: '' },
    })),
  },
}

export default defineConfig({
  // Parts of Vue and vue-i18n that no component here uses: they are left out of the first bundle.
  define: { __VUE_OPTIONS_API__: 'false', __VUE_I18N_LEGACY_API__: 'false', __INTLIFY_PROD_DEVTOOLS__: 'false' },
  plugins: [vue(), fontFirst, serviceWorker()],
  build: {
    target: 'es2022',
    outDir: 'dist',
    assetsDir: 'assets',
    assetsInlineLimit: 0, // a strict CSP allows no data: fonts; images come as files too
    chunkSizeWarningLimit: 1200, // MapLibre alone is above the default limit
  },
  worker: { format: 'es' },
  server: {
    host: '127.0.0.1',
    proxy: Object.fromEntries(paths.map((path) => [path, { target: api }])),
  },
  test: { environment: 'happy-dom', include: ['tests/**/*.test.ts'] },
})
