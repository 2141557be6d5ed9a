// The table twin of a layer: which layer, what is asked of it, in which order, and the pages read so far.
import { reactive, shallowRef, watch } from 'vue'
import { api, ApiFailure } from '../api/client'
import type { FoundFeature } from '../api/schema'
import type { Bounds } from '../format/geometry'
import { renewed } from './fresh'
import { phone, treeOpen } from './layout'
import { filterOf, view } from './view'

export const table = reactive({
  layer: null as string | null,
  words: '',
  sort: '', // a field; with - before it from the greatest
  inView: false, // only what lies in the part of the map that is seen
  box: null as Bounds | null, // that part, as the map says it
  zoom: 0,
  onMap: null as number | null, // how many the map draws there; null: the layer is off or the map too far out
  matched: 0,
  next: null as string | null,
  state: 'reading' as 'reading' | 'done' | 'failed',
  message: '',
  tall: false,
})
export const rows = shallowRef<FoundFeature[]>([])

const PAGE = 50
const PAUSE_MS = 200
let running: AbortController | null = null
let pause = 0

export function openTable(layer: string): void {
  if (phone.value) treeOpen.value = false
  Object.assign(table, { layer, words: '', sort: '' })
  view.table = layer
  void read(false)
}

export function closeTable(): void {
  running?.abort()
  table.layer = view.table = null
  rows.value = []
}

export function sortBy(field: string): void {
  table.sort = table.sort === field ? `-${field}` : table.sort === `-${field}` ? '' : field
}

/** What is asked of the layer, by the parameters of its OGC items: pages, files and the printed sheet ask the same. */
export function question(): URLSearchParams {
  const query = new URLSearchParams()
  const asked = [filterOf(table.layer ?? '', table.words), table.inView && table.box ? `S_INTERSECTS(geometry, BBOX(${table.box.join(', ')}))` : null]
  const filter = asked.filter((one) => one !== null).join(' AND ')
  if (filter) query.set('filter', filter)
  if (table.sort) query.set('sortby', table.sort)
  if (view.day) query.set('datetime', view.day)
  return query
}

export function fileAddress(format: string): string {
  return `/ogc/collections/${table.layer}/items?f=${format}&${question()}`
}

export const readMore = (): Promise<void> => read(true)

async function read(more: boolean): Promise<void> {
  const { layer } = table
  if (!layer) return
  running?.abort()
  const own = new AbortController()
  running = own
  table.state = 'reading'
  const query = question()
  query.set('limit', String(PAGE))
  if (more && table.next) query.set('after', table.next)
  try {
    const page = await api.items(layer, query, own.signal)
    rows.value = more ? [...rows.value, ...page.features] : page.features
    const next = page.links.find((link) => link.rel === 'next')
    Object.assign(table, { matched: page.numberMatched, next: next ? new URL(next.href).searchParams.get('after') : null, state: 'done' })
  } catch (failure) {
    if (own.signal.aborted) return
    if (!(failure instanceof ApiFailure)) throw failure
    rows.value = []
    Object.assign(table, { state: 'failed', message: failure.problem.detail ?? failure.problem.title })
  }
}

watch(() => (table.layer ? `${table.layer} ${question()}` : ''), (now, before) => {
  window.clearTimeout(pause)
  if (!now || now.split(' ')[0] !== before.split(' ')[0]) return // another layer is read by who opens it
  pause = window.setTimeout(() => void read(false), PAUSE_MS)
})

// The map draws what went live, so the table lists it.
watch(renewed, () => { if (table.layer) void read(false) })
