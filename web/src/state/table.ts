// The table twin of a layer: which layer, what is asked of it, and the pages read so far.
import { reactive, shallowRef, watch } from 'vue'
import { api, ApiFailure } from '../api/client'
import type { FoundFeature } from '../api/types'
import { phone, treeOpen } from './layout'

export const table = reactive({
  layer: null as string | null,
  words: '',
  county: '',
  matched: 0,
  next: null as string | number | null,
  state: 'reading' as 'reading' | 'done' | 'failed',
  message: '',
  tall: false,
  chosen: null as string | null,
})
export const rows = shallowRef<FoundFeature[]>([])

const PAGE = 50
const PAUSE_MS = 200
let running: AbortController | null = null
let pause = 0

export function openTable(layer: string): void {
  if (phone.value) treeOpen.value = false
  Object.assign(table, { layer, words: '', county: '', chosen: null })
  void read(false)
}

export function closeTable(): void {
  running?.abort()
  table.layer = null
  rows.value = []
}

export const readMore = (): Promise<void> => read(true)

async function read(more: boolean): Promise<void> {
  const { layer } = table
  if (!layer) return
  running?.abort()
  const own = new AbortController()
  running = own
  table.state = 'reading'
  if (!more) rows.value = []
  try {
    const page = await api.features(layer, {
      limit: PAGE, after: more ? table.next : null, q: table.words.trim(), county: table.county,
    }, own.signal)
    rows.value = more ? [...rows.value, ...page.features] : page.features
    Object.assign(table, { matched: page.numberMatched, next: page.next, state: 'done' })
  } catch (failure) {
    if (own.signal.aborted) return
    if (!(failure instanceof ApiFailure)) throw failure
    Object.assign(table, { state: 'failed', message: failure.problem.detail ?? failure.problem.title })
  }
}

watch(() => [table.words, table.county], () => {
  window.clearTimeout(pause)
  if (table.layer) pause = window.setTimeout(() => void read(false), PAUSE_MS)
})
