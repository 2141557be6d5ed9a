// A boundary being drawn: its points, what was taken back, and what can be said of it while it grows.
import { computed, markRaw, reactive } from 'vue'
import type { Polygon, Position } from 'geojson'
import { ringArea } from '../format/ellipsoid'
import { crossesItself } from '../format/geometry'

export const drawing = reactive({
  active: false,
  points: [] as Position[],
  undone: [] as Position[],
  cursor: null as Position | null,
})

export const drawnArea = computed(() => (drawing.points.length > 2 ? ringArea(drawing.points) : 0))
export const drawnCrosses = computed(() => drawing.points.length > 3 && crossesItself(drawing.points))
export const canFinish = computed(() => drawing.points.length > 2 && !drawnCrosses.value)

export function startDrawing(): void {
  Object.assign(drawing, { active: true, points: [], undone: [], cursor: null })
}

export function stopDrawing(): void {
  drawing.active = false
  drawing.cursor = null
}

export function addPoint(point: Position): void {
  const last = drawing.points.at(-1)
  if (last && last[0] === point[0] && last[1] === point[1]) return // the second click of a double click
  drawing.points.push(markRaw(point))
  drawing.undone = []
}

export function undoPoint(): void {
  const point = drawing.points.pop()
  if (point) drawing.undone.push(point)
}

export function redoPoint(): void {
  const point = drawing.undone.pop()
  if (point) drawing.points.push(point)
}

/** The closed polygon, or null while it cannot be one. */
export function drawnPolygon(): Polygon | null {
  if (!canFinish.value) return null
  const ring = drawing.points.map(([x = 0, y = 0]) => [Number(x.toFixed(9)), Number(y.toFixed(9))])
  return { type: 'Polygon', coordinates: [[...ring, ring[0]!]] }
}
