// The open page stays fresh: whenever other data are live the catalog is read anew, and the map draws the layers that changed.
import { ref, shallowRef } from 'vue'
import { data, loadCatalog } from './catalog'
import { session } from './session'

interface Told { revision: number; kind: string; at: string; release: string | null; layers: string[] }

/** What went live last while the page was open; null until then. */
export const renewed = shallowRef<Told | null>(null)
export const noticeOpen = ref(false)
const SHOWN_MS = 30_000
let timer = 0

export function stayFresh(): void {
  const source = new EventSource('/events')
  source.addEventListener('revision', (event) => {
    const told = JSON.parse((event as MessageEvent<string>).data) as Told
    const known = data.catalog?.revision ?? null
    if (known !== null && told.revision > known) void renew(told)
  })
}

async function renew(told: Told): Promise<void> {
  if (session.ended) return // a stranger's catalog in place of what is open
  await loadCatalog()
  renewed.value = told
  noticeOpen.value = true
  window.clearTimeout(timer)
  timer = window.setTimeout(() => { noticeOpen.value = false }, SHOWN_MS)
}
