// Where one stands, and how far a site is: metres on the ellipsoid near the place, exact enough within some 50 km.
import { reactive } from 'vue'
import type { Geometry, Polygon, Position } from 'geojson'
import type { FoundFeature } from '../api/types'

export interface Place { lon: number; lat: number; accuracy: number; at: number }
/** Worse than this nobody is told to be inside or outside (ux.md §7). */
export const TOO_VAGUE_M = 30

export const position = reactive<{ place: Place | null; state: 'off' | 'asking' | 'known' | 'denied' | 'none' }>({ place: null, state: 'off' })
let watching: number | null = null

export function followPosition(): void {
  if (watching !== null) return
  if (!('geolocation' in navigator)) { position.state = 'none'; return }
  if (position.state !== 'known') position.state = 'asking'
  watching = navigator.geolocation.watchPosition(
    ({ coords, timestamp }) => {
      position.place = { lon: coords.longitude, lat: coords.latitude, accuracy: coords.accuracy, at: timestamp }
      position.state = 'known'
    },
    (failure) => { position.state = failure.code === failure.PERMISSION_DENIED ? 'denied' : 'none'; leavePosition() },
    { enableHighAccuracy: true, maximumAge: 10_000, timeout: 60_000 },
  )
}
export function leavePosition(): void {
  if (watching !== null) navigator.geolocation.clearWatch(watching)
  watching = null
}

const A = 6378137.0
const E2 = (1 / 298.257222101) * (2 - 1 / 298.257222101)
const RADIANS = Math.PI / 180

/** Metres to the east and north of a place, by the radii of curvature of CGCS2000 there. */
export function local(from: { lon: number; lat: number }): (point: Position) => [number, number] {
  const s = Math.sin(from.lat * RADIANS)
  const w = 1 - E2 * s * s
  const north = (A * (1 - E2)) / w ** 1.5 * RADIANS
  const east = (A / Math.sqrt(w)) * Math.cos(from.lat * RADIANS) * RADIANS
  return ([lon = 0, lat = 0]) => [(lon - from.lon) * east, (lat - from.lat) * north]
}

function toSegment([ax, ay]: [number, number], [bx, by]: [number, number]): number {
  const [dx, dy] = [bx - ax, by - ay]
  const along = dx || dy ? Math.max(0, Math.min(1, -(ax * dx + ay * dy) / (dx * dx + dy * dy))) : 0
  return Math.hypot(ax + along * dx, ay + along * dy)
}

function covers(rings: [number, number][][]): boolean {
  let inside = false
  for (const ring of rings) {
    for (let i = 1; i < ring.length; i += 1) {
      const [[ax, ay], [bx, by]] = [ring[i - 1]!, ring[i]!]
      if (ay > 0 !== by > 0 && ax + (-ay / (by - ay)) * (bx - ax) > 0) inside = !inside
    }
  }
  return inside
}

/** Metres from a place to the edge of a shape, and whether the place lies within it; null for a shape of nothing. */
export function measure(from: { lon: number; lat: number }, geometry: Geometry): { edge: number; inside: boolean } | null {
  const flat = local(from)
  if (geometry.type === 'GeometryCollection') return nearest(geometry.geometries.map((one) => measure(from, one)))
  if (geometry.type === 'Point') return { edge: Math.hypot(...flat(geometry.coordinates)), inside: false }
  if (geometry.type === 'MultiPoint') return nearest(geometry.coordinates.map((one) => measure(from, { type: 'Point', coordinates: one })))
  if (geometry.type === 'MultiPolygon') return nearest(geometry.coordinates.map((coordinates) => measure(from, { type: 'Polygon', coordinates } as Polygon)))
  if (geometry.type === 'MultiLineString') return nearest(geometry.coordinates.map((coordinates) => measure(from, { type: 'LineString', coordinates })))
  const rings = (geometry.type === 'Polygon' ? geometry.coordinates : [geometry.coordinates]).map((ring) => ring.map(flat))
  let edge = Infinity
  for (const ring of rings) for (let i = 1; i < ring.length; i += 1) edge = Math.min(edge, toSegment(ring[i - 1]!, ring[i]!))
  return Number.isFinite(edge) ? { edge, inside: geometry.type === 'Polygon' && covers(rings) } : null
}
function nearest(found: ({ edge: number; inside: boolean } | null)[]): { edge: number; inside: boolean } | null {
  const known = found.filter((one) => one !== null)
  if (!known.length) return null
  return { edge: Math.min(...known.map(({ edge }) => edge)), inside: known.some(({ inside }) => inside) }
}

export interface Near { feature: FoundFeature; metres: number; inside: boolean; sure: boolean }

/** The sites by their distance, those one stands in first. `sure`: the error of the position leaves no doubt of inside or outside. */
export function byDistance(features: readonly FoundFeature[], place: Place): Near[] {
  return features.flatMap((feature) => {
    const found = feature.geometry && measure(place, feature.geometry)
    if (!found) return []
    const sure = found.edge > place.accuracy && (!found.inside || place.accuracy <= TOO_VAGUE_M)
    return [{ feature, metres: found.inside ? 0 : found.edge, inside: found.inside, sure }]
  }).sort((a, b) => a.metres - b.metres)
}

/** A ring of the position's error. */
export function errorCircle({ lon, lat, accuracy }: Place): Polygon {
  const [east, north] = local({ lon, lat })([lon + 1, lat + 1])
  const ring = Array.from({ length: 49 }, (_, i) => {
    const turn = (i % 48) * (Math.PI / 24)
    return [lon + (Math.cos(turn) * accuracy) / east, lat + (Math.sin(turn) * accuracy) / north]
  })
  return { type: 'Polygon', coordinates: [ring] }
}
