// The open page stays fresh: whenever other data are live the catalog is read anew, and the map draws the layers that changed.
import { ref, shallowRef, watch } from 'vue'
import { data, loadCatalog } from './catalog'
import { session } from './session'

interface Told { revision: number; kind: string; at: string; release: string | null; layers: string[] }
/** What went live: of these layers; null: of any, since something was missed. */
export type Renewed = Omit<Told, 'layers'> & { layers: string[] | null }

/** What went live last while the page was open; null until then. */
export const renewed = shallowRef<Renewed | null>(null)
export const noticeOpen = ref(false)
const SHOWN_MS = 30_000
const AGAIN_MS = 5_000
let timer = 0
let source: EventSource | null = null
let known: number | null = null
let missed: Renewed | null = null // told while nobody was signed in

/** What is news to a page that knows of a revision. Only the newest is told: what came between may be of any layer. */
export function newsOf(told: Told, before: number | null): Renewed | null {
  if (before === null || told.revision <= before) return null
  return { ...told, layers: told.revision === before + 1 ? told.layers : null }
}

export function stayFresh(): void {
  known = data.catalog?.revision ?? null
  listen()
  watch(() => session.ended, (ended) => { const told = missed; if (!ended && told) { missed = null; void renew(told) } })
  // A browser has six lines to one place: pages that nobody sees give theirs back, and hear the newest when they are seen.
  document.addEventListener('visibilitychange', () => { if (document.hidden) source?.close(); else listen() })
}

function listen(): void {
  source?.close()
  const own = source = new EventSource('/events')
  own.addEventListener('revision', (event) => {
    const told = JSON.parse((event as MessageEvent<string>).data) as Told
    const news = newsOf(told, known ?? data.catalog?.revision ?? null)
    known = Math.max(known ?? 0, told.revision)
    if (news) void renew(news)
  })
  // Lost lines are taken up by the browser; who was refused, as by a busy server, has to ask again.
  own.addEventListener('error', () => {
    if (own.readyState === EventSource.CLOSED && own === source) window.setTimeout(() => { if (own === source && !document.hidden) listen() }, AGAIN_MS)
  })
}

async function renew(told: Renewed): Promise<void> {
  if (session.ended) { missed = { ...told, layers: null }; return } // a stranger's catalog in place of what is open
  await loadCatalog()
  renewed.value = told
  noticeOpen.value = true
  window.clearTimeout(timer)
  timer = window.setTimeout(() => { noticeOpen.value = false }, SHOWN_MS)
}
