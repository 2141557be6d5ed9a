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

export const find = reactive({ words: '', state: 'idle' as 'idle' | 'reading' | 'done' | 'failed', message: '', at: -1 })
const hits = shallowRef<SearchHit[]>([])
const places = computed(() => readPlaces(find.words, data.catalog?.region.zones ?? []))
export const results = computed<Found[]>(() => (places.value.length
  ? places.value.map((place) => ({ kind: 'place', place }))
  : hits.value.map((hit) => ({ kind: 'feature', hit }))))

const PAUSE_MS = 180
const PLACE_ZOOM = 15
let pause = 0
let running: AbortController | null = null

watch(() => find.words, (words) => {
  window.clearTimeout(pause)
  running?.abort()
  find.at = -1
  if (!words.trim()) { hits.value = []; find.state = 'idle'; return }
  if (places.value.length) { find.state = 'done'; return }
  find.state = 'reading'
  pause = window.setTimeout(() => void read(words.trim()), PAUSE_MS)
})

async function read(words: string): Promise<void> {
  const own = new AbortController()
  running = own
  try {
    hits.value = await api.search(words.slice(0, 80), view.day, own.signal)
    find.state = 'done'
  } catch (failure) {
    if (own.signal.aborted) return
    if (!(failure instanceof ApiFailure)) throw failure
    hits.value = []
    Object.assign(find, { state: 'failed', message: failure.problem.detail ?? failure.problem.title })
  }
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
