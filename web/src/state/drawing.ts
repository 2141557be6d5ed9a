// A boundary being drawn: parts with their holes, every step taken back one by one, and what can be said of it while it grows.
import { computed, reactive, shallowRef } from 'vue'
import type { Feature, FeatureCollection, MultiPolygon, Polygon, Position } from 'geojson'
import { ringArea } from '../format/ellipsoid'
import { crossing, type Bounds } from '../format/geometry'
import { session } from './session'

type Ring = readonly Position[]
type Part = readonly Ring[] // the outer ring, then its holes

const NOTHING: readonly Part[] = [[[]]]

export const drawing = reactive({
  active: false,
  cursor: null as Position | null,
  /** Where Enter puts a point: the middle of the map on which is drawn. Null: of the map of the first page. */
  centre: null as (() => Position) | null,
  /** Shows a box on the map on which is drawn. Null: as above. */
  show: null as ((box: Bounds) => void) | null,
  finish: null as (() => void) | null,
  cancel: null as (() => void) | null,
})
const parts = shallowRef(NOTHING)
const past = shallowRef<readonly (readonly Part[])[]>([])
const future = shallowRef<readonly (readonly Part[])[]>([])

/** The ring that grows. */
export const points = computed<Ring>(() => parts.value.at(-1)!.at(-1)!)
export const allPoints = computed<Ring>(() => parts.value.flat(2) as Position[])
export const onHole = computed(() => parts.value.at(-1)!.length > 1)
export const partCount = computed(() => parts.value.length)
export const holeCount = computed(() => parts.value.reduce((sum, part) => sum + part.length - 1, 0))
export const canUndo = computed(() => past.value.length > 0)
export const canRedo = computed(() => future.value.length > 0)
export const drawnArea = computed(() => parts.value.reduce((sum, [outer = [], ...holes]) => sum + size(outer) - holes.reduce((all, hole) => all + size(hole), 0), 0))
const size = (ring: Ring) => (ring.length > 2 ? ringArea(ring as Position[]) : 0)

export type DrawFault = 'crossing' | 'holeOutside'
/** What is plainly wrong; the server stays the judge of shapes. */
export const drawnFault = computed<DrawFault | null>(() => {
  const rings = parts.value.flat()
  if (rings.some((ring) => ring.length > 3 && crossing(ring as Position[]) >= 0)) return 'crossing'
  const outside = parts.value.some(([outer = [], ...holes]) => holes.some((hole) => hole.some((point) => !inside(point, outer))))
  return outside ? 'holeOutside' : null
})
export const canGoOn = computed(() => points.value.length > 2 && !drawnFault.value)
const closedParts = computed(() => parts.value.map((part) => part.filter((ring) => ring.length > 0)).filter((part) => part.length > 0))
export const canFinish = computed(() => !drawnFault.value && closedParts.value.length > 0 && closedParts.value.flat().every((ring) => ring.length > 2))

function inside([x = 0, y = 0]: Position, ring: Ring): boolean {
  let within = false
  ring.forEach(([ax = 0, ay = 0], i) => {
    const [bx = 0, by = 0] = ring[(i + 1) % ring.length]!
    if ((ay > y) !== (by > y) && x < ax + ((y - ay) / (by - ay)) * (bx - ax)) within = !within
  })
  return within
}

const KEPT = 'jingtu.drawing'
/** A half-drawn shape outlives a reload of its tab, for the one who drew it. */
function put(next: readonly Part[]): void {
  parts.value = next
  sessionStorage.setItem(KEPT, JSON.stringify({ by: session.me.username, parts: next }))
}
function kept(): readonly Part[] | null {
  const told = JSON.parse(sessionStorage.getItem(KEPT) ?? 'null') as { by: string | null; parts: readonly Part[] } | null
  return told && told.by === session.me.username && told.parts.flat(2).length ? told.parts : null
}

/** Begins anew, or goes on where a reload of the page cut it off: that, too, is one step to take back. */
export function startDrawing(done: (shape: Polygon | MultiPolygon) => void, given: () => void): void {
  const before = kept()
  parts.value = before ?? NOTHING
  past.value = before ? [NOTHING] : []
  future.value = []
  Object.assign(drawing, {
    active: true, cursor: null, cancel: given,
    finish: () => { const shape = drawnShape(); if (shape) { stopDrawing(); done(shape) } },
  })
}

export function stopDrawing(): void {
  drawing.active = false
  drawing.cursor = null
  sessionStorage.removeItem(KEPT)
}

function step(next: readonly Part[]): void {
  past.value = [...past.value, parts.value]
  future.value = []
  put(next)
}

export function addPoint(point: Position): void {
  const last = points.value.at(-1)
  if (last && last[0] === point[0] && last[1] === point[1]) return // the second click of a double click
  const [before, part] = [parts.value.slice(0, -1), parts.value.at(-1)!]
  step([...before, [...part.slice(0, -1), [...points.value, point]]])
}

/** A hole in the part that was drawn last. */
export function startHole(): void {
  if (canGoOn.value) step([...parts.value.slice(0, -1), [...parts.value.at(-1)!, []]])
}

export function startPart(): void {
  if (canGoOn.value) step([...parts.value, [[]]])
}

export function undoPoint(): void {
  const before = past.value.at(-1)
  if (!before) return
  future.value = [...future.value, parts.value]
  past.value = past.value.slice(0, -1)
  put(before)
}

export function redoPoint(): void {
  const next = future.value.at(-1)
  if (!next) return
  past.value = [...past.value, parts.value]
  future.value = future.value.slice(0, -1)
  put(next)
}

const closed = (ring: Ring): Position[] => {
  const rounded = ring.map(([x = 0, y = 0]) => [Number(x.toFixed(9)), Number(y.toFixed(9))])
  return [...rounded, rounded[0]!]
}

/** The closed shape, or null while it cannot be one. */
export function drawnShape(): Polygon | MultiPolygon | null {
  if (!canFinish.value) return null
  const all = closedParts.value.map((part) => part.map(closed))
  return all.length === 1 ? { type: 'Polygon', coordinates: all[0]! } : { type: 'MultiPolygon', coordinates: all }
}

/** The drawing in progress as a map shows it: the ring that grows follows the pointer. */
export function draftShapes(): { shapes: FeatureCollection; points: FeatureCollection } {
  const collection = (features: Feature[]): FeatureCollection => ({ type: 'FeatureCollection', features })
  if (!drawing.active) return { shapes: collection([]), points: collection([]) }
  const features = parts.value.flatMap((part, i): Feature[] => {
    const rings = part.map((ring, j) => (i === parts.value.length - 1 && j === part.length - 1 && drawing.cursor && ring.length ? [...ring, drawing.cursor] : [...ring]))
    const whole = rings.filter((ring) => ring.length > 2).map((ring) => [...ring, ring[0]!])
    const lines = rings.filter((ring) => ring.length > 1).map((ring) => (ring.length > 2 ? [...ring, ring[0]!] : ring))
    return [
      ...(whole.length ? [{ type: 'Feature' as const, geometry: { type: 'Polygon' as const, coordinates: whole }, properties: {} }] : []),
      ...lines.map((coordinates): Feature => ({ type: 'Feature', geometry: { type: 'LineString', coordinates }, properties: {} })),
    ]
  })
  const dots = allPoints.value.map((coordinates): Feature => ({ type: 'Feature', geometry: { type: 'Point', coordinates }, properties: {} }))
  return { shapes: collection(features), points: collection(dots) }
}
