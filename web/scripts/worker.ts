// The service worker: the page's own files, kept whole at its installation, so that the page opens without a line.
// It keeps no answer of the server: what is known of the ground is kept by the page, by name and date (src/field).
import { createHash } from 'node:crypto'
import type { Plugin } from 'vite'

const CODE = `
const CACHE = 'jingtu-' + VERSION
const SHELL = '/field'
const PATIENCE_MS = 4000
self.addEventListener('install', (event) => {
  event.waitUntil(caches.open(CACHE).then(async (cache) => {
    await cache.addAll(FILES)
    const shell = await fetch(SHELL, { headers: { Accept: 'text/html' }, cache: 'no-store' })
    if (!shell.ok || shell.redirected) throw new Error('no page: ' + shell.status)
    await cache.put(SHELL, shell)
  }))
})
self.addEventListener('activate', (event) => {
  event.waitUntil(caches.keys()
    .then((names) => Promise.all(names.filter((name) => name.startsWith('jingtu-') && name !== CACHE).map((name) => caches.delete(name))))
    .then(() => self.clients.claim()))
})
self.addEventListener('fetch', (event) => {
  const { request } = event
  const { origin, pathname } = new URL(request.url)
  if (request.method !== 'GET' || origin !== self.location.origin) return
  if (request.mode === 'navigate') { if (pathname === '/' || pathname === SHELL) event.respondWith(page(request)) }
  else if (FILES.includes(pathname)) event.respondWith(caches.match(pathname, { cacheName: CACHE }).then((kept) => kept ?? fetch(request)))
})
async function page(request) {
  const kept = await caches.match(SHELL, { cacheName: CACHE })
  if (!kept) return fetch(request)
  const late = new Promise((give) => { setTimeout(give, PATIENCE_MS) })
  const told = fetch(request).catch(() => null)
  const first = await Promise.race([told, late])
  return first && first.status < 500 ? first : kept
}
`

/** Writes sw.js beside the page, with the list of all that was built and a version that is theirs. */
export function serviceWorker(): Plugin {
  return {
    name: 'jingtu-service-worker',
    apply: 'build',
    enforce: 'post', // chunks that hold nothing but styles are taken out before
    generateBundle(_, bundle) {
      const files = Object.keys(bundle).filter((name) => name.startsWith('assets/')).sort().map((name) => `/${name}`)
      files.push('/favicon.svg', '/manifest.json')
      const version = createHash('sha256').update(files.join() + CODE).digest('hex').slice(0, 16)
      this.emitFile({ type: 'asset', fileName: 'sw.js', source: `const VERSION = '${version}'\nconst FILES = ${JSON.stringify(files)}\n${CODE}` })
    },
  }
}
