// What the map is still reading and what it could not read: blank ground says nothing then, and the page says that.
import type { Map as MapLibre } from 'maplibre-gl'
import { computed, shallowRef, watch } from 'vue'
import { layers } from '../state/catalog'
import { session, signedIn } from '../state/session'
import { view } from '../state/view'
import { questions } from './asked'

const QUICK_MS = 600
const AGAIN_MS = 1000
const PATIENCE_MS = 4000

/** Layer → what was asked of it when tiles of it did not come. */
const failed = shallowRef<ReadonlyMap<string, string | undefined>>(new Map())
export const reading = shallowRef<string[]>([])
export const unread = computed(() => [...failed.value].filter(([id, asked]) => view.on.has(id) && questions.value[id] === asked).map(([id]) => id))
/** Layer → how often it was begun anew: with a new source, since a tile that failed is not asked for again within its own (MapLibre 6.17). */
const attempts = shallowRef<Readonly<Record<string, number>>>({})
/** What tells the source of a layer from the one before: what is asked of its tiles, and which attempt it is. */
export const sourceMarks = computed<Record<string, string>>(() => ({
  ...questions.value, ...Object.fromEntries(Object.entries(attempts.value).map(([id, n]) => [id, `${questions.value[id] ?? ''}&attempt=${n}`])),
}))

export const hasFailed = (id: string): boolean => failed.value.has(id)

export function retry(ids: Iterable<string> = failed.value.keys()): void {
  const again = [...ids]
  if (!again.length) return
  attempts.value = { ...attempts.value, ...Object.fromEntries(again.map((id) => [id, (attempts.value[id] ?? 0) + 1])) }
  failed.value = new Map([...failed.value].filter(([id]) => !again.includes(id)))
}
const STATUS_ENDED = 401

/** `lost`: what to do where the machine took the map's drawing away and does not give it back. */
export function followTrouble(map: MapLibre, lost: () => void): void {
  map.on('error', ({ error, ...event }) => {
    console.warn('the map:', error)
    const { sourceId } = event as { sourceId?: string }
    if ((error as { status?: number }).status === STATUS_ENDED) session.ended = signedIn.value
    if (sourceId && layers.value.has(sourceId)) failed.value = new Map(failed.value).set(sourceId, questions.value[sourceId])
  })
  // The line is back, or who asks is known again.
  watch(() => session.offline || session.ended, (away) => { if (!away) retry() })

  let timer = 0
  const look = () => {
    timer = 0
    const late = [...view.on].filter((id) => map.getSource(id) && !map.isSourceLoaded(id))
    if (late.join() !== reading.value.join()) reading.value = late
    if (late.length) timer = window.setTimeout(look, AGAIN_MS)
  }
  map.on('dataloading', () => { timer ||= window.setTimeout(look, QUICK_MS) })
  map.on('idle', () => { if (reading.value.length) reading.value = [] })

  let gone = 0
  map.on('webglcontextlost', () => { gone = window.setTimeout(lost, PATIENCE_MS) })
  map.on('webglcontextrestored', () => window.clearTimeout(gone))
}
