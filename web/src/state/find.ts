// One search for everything that has a place: names, codes, numbers, pinyin, and coordinates in any way of writing them.
import { computed, reactive, shallowRef, watch } from 'vue'
import { api, ApiFailure } from '../api/client'
import type { SearchHit } from '../api/schema'
import { readPlaces, type Place } from '../format/coordinates'
import { mapControl } from '../map/control'
import { data, layers } from './catalog'
import { askHere, openFeature } from './here'
import { openPage, showLayer, view } from './view'

export type Found = { kind: 'place'; place: Place } | { kind: 'feature'; hit: SearchHit }

export const find = reactive({ words: '', state: 'idle' as 'idle' | 'reading' | 'done' | 'failed', message: '', at: -1, more: false })
const hits = shallowRef<SearchHit[]>([])
const places = computed(() => readPlaces(find.words, data.catalog?.region.zones ?? []))
export const results = computed<Found[]>(() => (places.value.length
  ? places.value.map((place) => ({ kind: 'place', place }))
  : hits.value.map((hit) => ({ kind: 'feature', hit }))))

const MOST = 20
const PAUSE_MS = 180
const PLACE_ZOOM = 15
let pause = 0
let running: AbortController | null = null
let hurried = false

watch(() => find.words, (words) => {
  window.clearTimeout(pause)
  running?.abort()
  Object.assign(find, { at: -1, more: false })
  hurried = false
  if (!words.trim()) { hits.value = []; find.state = 'idle'; return }
  if (places.value.length) { find.state = 'done'; return }
  find.state = 'reading'
  pause = window.setTimeout(() => void read(words.trim()), PAUSE_MS)
})

async function read(words: string): Promise<void> {
  const own = new AbortController()
  running = own
  try {
    const answer = await api.search(words.slice(0, 80), view.day, MOST, own.signal)
    if (own.signal.aborted) return
    hits.value = answer
    Object.assign(find, { state: 'done', more: answer.length === MOST })
    const [first] = results.value
    if (hurried && first) void take(first)
  } catch (failure) {
    if (own.signal.aborted) return
    if (!(failure instanceof ApiFailure)) throw failure
    hits.value = []
    Object.assign(find, { state: 'failed', message: failure.problem.detail ?? failure.problem.title })
  }
}

/** Enter: what is marked, else the first; while words are read whose answer is to come, the first of that. */
export function enter(): Found | undefined {
  hurried = find.state === 'reading' && find.at < 0
  return hurried ? undefined : results.value[Math.max(0, find.at)]
}

/** Goes to what was found: the map there, its layer on, its fields beside it. */
export async function take(found: Found): Promise<void> {
  openPage(null)
  if (found.kind === 'place') {
    const { lon, lat } = found.place
    mapControl.value?.fit([lon, lat, lon, lat], { maxZoom: PLACE_ZOOM })
    await askHere(lon, lat)
    return
  }
  const { hit } = found
  if (layers.value.get(hit.layer)) showLayer(hit.layer)
  if (hit.bbox) mapControl.value?.fit(hit.bbox, { maxZoom: 15.5 })
  await openFeature(hit.layer, hit.id, false)
}
