// What is looked at: everything under a click, or one feature that was found, chosen in the table or named by a link.
import { reactive, shallowRef, watch } from 'vue'
import type { Geometry } from 'geojson'
import { api, ApiFailure } from '../api/client'
import type { Lifecycle } from '../api/schema'
import type { FoundFeature } from '../api/schema'
import { bounds, namePlace } from '../format/geometry'
import { say } from '../i18n'
import { mapControl } from '../map/control'
import { view } from './view'

export const here = reactive({
  open: false,
  at: null as [number, number] | null,
  state: 'done' as 'reading' | 'done' | 'failed',
  message: '',
  opened: null as string | null,
  cut: false, // more lies there than was asked for
})
export const found = shallowRef<FoundFeature[]>([])
/** The layers whose features are sites: asked once. */
export const siteLayers = shallowRef<ReadonlySet<string>>(new Set())
export const lifecycle = shallowRef<Lifecycle | null>(null)
let running: AbortController | null = null

export const keyOf = (feature: FoundFeature): string => `${feature.layer}/${feature.id}`

/** Whether it is still this that is looked at once the answer is there. */
async function answered(asked: (signal: AbortSignal) => Promise<FoundFeature[]>): Promise<boolean> {
  running?.abort()
  const own = new AbortController()
  running = own
  Object.assign(here, { open: true, state: 'reading', opened: null, cut: false })
  found.value = []
  try {
    void readLifecycle()
    const answer = await asked(own.signal)
    if (own.signal.aborted) return false // another place since: nothing may stand under its name but its own
    found.value = answer
    const [first] = answer
    here.state = 'done'
    if (first) choose(first)
    return true
  } catch (failure) {
    if (own.signal.aborted) return false
    if (!(failure instanceof ApiFailure)) throw failure
    Object.assign(here, { state: 'failed', message: failure.problem.detail ?? say('failure.server') })
    return false
  }
}

/** Everything that lies at a place, nearest and smallest first; what is switched off lies here too and is not hidden. */
export async function askHere(lon: number, lat: number): Promise<void> {
  here.at = [lon, lat]
  await answered(async (signal) => {
    const [lies, drawn] = await Promise.all([api.identify(lon, lat, view.day, signal, MOST), drawnThere([lon, lat])])
    here.cut = lies.length >= MOST
    const known = new Set(lies.map(keyOf))
    return [...drawn.filter((one) => !known.has(keyOf(one))), ...lies]
  })
}

const MOST = 100
const MOST_MARKS = 12
/** What is drawn under the pointer though its place is not: a mark is larger than what it stands for. */
async function drawnThere(at: [number, number]): Promise<FoundFeature[]> {
  const marks = (mapControl.value?.marksAt(at) ?? []).slice(0, MOST_MARKS)
  const read = marks.map(({ layer, id }) => api.feature(layer, id, view.day).catch((failure: unknown) => {
    if (!(failure instanceof ApiFailure) || failure.kind !== 'missing') throw failure // replaced since it was drawn
    return null
  }))
  return (await Promise.all(read)).filter((one) => one !== null)
}

/** One feature by its id; the map goes there where `move` is said. */
export async function openFeature(layer: string, id: string, move: boolean): Promise<void> {
  here.at = null
  if (!await answered(async () => [await api.feature(layer, id, view.day)])) return
  const geometry = found.value[0]?.geometry
  if (!geometry) return
  const place = namePlace(geometry)
  if (place) here.at = [place[0]!, place[1]!]
  if (move) goTo(geometry)
}

export function goTo(geometry: Geometry): void {
  const box = bounds([geometry])
  const go = () => { if (box) mapControl.value?.fit(box, { maxZoom: 15.5 }) }
  if (mapControl.value) go()
  else watch(mapControl, go, { once: true }) // a map that is still to come
}

/** The feature that is ringed on the map, marked in the table, and named in the address. */
export function choose(feature: FoundFeature): void {
  here.opened = keyOf(feature)
  view.chosen = { layer: feature.layer, id: feature.id }
  mapControl.value?.lightUp({ geometry: feature.geometry ?? undefined })
}

export function closeHere(): void {
  running?.abort()
  Object.assign(here, { open: false, at: null, opened: null })
  found.value = []
  view.chosen = null
  mapControl.value?.lightUp(null)
}

export async function readLifecycle(): Promise<void> {
  if (lifecycle.value) return
  lifecycle.value = await api.lifecycle()
  siteLayers.value = new Set(lifecycle.value.lists.map((one) => one.layer))
}
