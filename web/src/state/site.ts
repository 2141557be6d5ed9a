// The open site card: what is told of a site on the day that is looked at, its boundaries then and before, files, measures.
import { reactive, shallowRef } from 'vue'
import type { Geometry } from 'geojson'
import { api, ApiFailure } from '../api/client'
import type { AttachmentHead as Attachment, SiteCard } from '../api/schema'
import type { FoundFeature } from '../api/schema'
import { filterText } from '../format/cql'
import { bounds } from '../format/geometry'
import { say } from '../i18n'
import { readMeasures, type Measure } from '../site/measured'
import { dayAt, dayNumber, standing } from '../site/life'
import { readLifecycle } from './here'
import { signedIn } from './session'
import { view } from './view'

type Part = 'ground' | 'files' | 'measures'
type State = 'reading' | 'done' | 'failed'
export const card = reactive({
  state: 'reading' as State, message: '', ground: 'reading' as State, files: 'reading' as State, measures: 'reading' as State | 'unplaced',
})
export const site = shallowRef<SiteCard | null>(null)
export const shapes = shallowRef<FoundFeature[]>([])
export const earlier = shallowRef<{ geometry: Geometry; day: string }[]>([])
export const files = shallowRef<Attachment[]>([])
export const measures = shallowRef<Measure[]>([])
let running: AbortController | null = null

/** A part of the card that is read after it. Only once it is done does nothing in it mean that there is nothing. */
async function part(name: Part, work: Promise<void>, isOpen: () => boolean): Promise<void> {
  card[name] = 'reading'
  try {
    await work
    if (isOpen()) card[name] = 'done'
  } catch (failure) {
    if (!(failure instanceof ApiFailure)) throw failure
    if (!isOpen()) return
    card[name] = 'failed'
    if (name === 'ground' && card.measures === 'reading') card.measures = 'failed' // they are looked for around it
  }
}

/** Rows of the lists that the site stands on, as they were on a day (null: today). */
async function rowsOn(told: SiteCard, day: string | null): Promise<FoundFeature[]> {
  const filter = filterText(told.codes.map((code) => ({ field: 'code', op: 'is', value: code })), [{ id: 'code', type: 'code' }])
  const query = new URLSearchParams({ limit: '20', filter: filter ?? '' })
  if (day) query.set('datetime', day)
  const pages = await Promise.all(told.lists.map((list) => api.items(list.layer, query)))
  return pages.flatMap((page) => page.features)
}

async function readGround(told: SiteCard, isOpen: () => boolean): Promise<void> {
  const rows = await rowsOn(told, view.day)
  if (!isOpen()) return
  shapes.value = rows
  card.ground = 'done'
  const box = bounds(rows.flatMap((one) => one.geometry ?? []))
  if (box) void part('measures', readMeasures(box, view.day).then((found) => { if (isOpen()) measures.value = found }), isOpen)
  else card.measures = 'unplaced'
  // A boundary counts until the day on which another took its place.
  const changed = [...new Set(standing(told.events).filter((one) => one.kind === 'rebound' && one.on <= told.as_of).map((one) => one.on))]
  const before = await Promise.all(changed.map(async (on) => {
    const rows = await rowsOn(told, dayAt(dayNumber(on) - 1))
    return rows.flatMap((row) => (row.geometry ? [{ geometry: row.geometry, day: on }] : [])).slice(0, 1)
  }))
  if (!isOpen()) return
  const now = new Set(rows.map((one) => JSON.stringify(one.geometry)))
  earlier.value = before.flat().filter((one) => !now.has(JSON.stringify(one.geometry)))
}

export async function openSite(code: string): Promise<void> {
  running?.abort()
  const own = new AbortController()
  running = own
  card.state = site.value?.codes.includes(code) ? 'done' : 'reading'
  try {
    const [told] = await Promise.all([api.site(code, view.day, own.signal), readLifecycle()])
    if (own.signal.aborted) return
    const isOpen = () => running === own && !own.signal.aborted
    if (site.value?.code !== told.code) forgetParts()
    site.value = told
    card.state = 'done'
    void part('ground', readGround(told, isOpen), isOpen)
    if (signedIn.value) void part('files', api.attachments(told.code).then((found) => { if (isOpen()) files.value = found }), isOpen)
  } catch (failure) {
    if (own.signal.aborted) return
    if (!(failure instanceof ApiFailure)) throw failure
    Object.assign(card, { state: 'failed', message: failure.problem.detail ?? say('failure.server') })
  }
}

export function forgetSite(): void {
  running?.abort()
  site.value = null
  forgetParts()
}

function forgetParts(): void {
  Object.assign(card, { ground: 'reading', files: 'reading', measures: 'reading' })
  shapes.value = []
  earlier.value = []
  files.value = []
  measures.value = []
}
