// Build and development server. The page is served at "/" by the application itself; in development the API is proxied.
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'
import { serviceWorker } from './scripts/worker.ts'

const api = process.env.JINGTU_DEV_API ?? 'http://127.0.0.1:8000'
const paths = [
  '/accounts', '/admin', '/catalog', '/changes', '/checks', '/events', '/examples', '/features', '/identify',
  '/jobs', '/landuse', '/legend', '/me', '/ogc', '/parcels', '/raster', '/search', '/static', '/style.json', '/tiles',
]

export default defineConfig({
  plugins: [vue(), serviceWorker()],
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
