// Small questions about shapes in degrees: bounds, vertices, crossing edges. The server stays the judge of geometry.
import type { Geometry, Position } from 'geojson'

export type Bounds = [west: number, south: number, east: number, north: number]

export function positions(geometry: Geometry): Position[] {
  if (geometry.type === 'GeometryCollection') return geometry.geometries.flatMap(positions)
  const flat: Position[] = []
  const walk = (part: unknown): void => {
    if (!Array.isArray(part)) return
    if (typeof part[0] === 'number') flat.push(part as Position)
    else part.forEach(walk)
  }
  walk(geometry.coordinates)
  return flat
}

export function bounds(geometries: Geometry[]): Bounds | null {
  const all = geometries.flatMap(positions)
  if (!all.length) return null
  let [w, s, e, n] = [Infinity, Infinity, -Infinity, -Infinity]
  for (const [x = 0, y = 0] of all) {
    w = Math.min(w, x); e = Math.max(e, x); s = Math.min(s, y); n = Math.max(n, y)
  }
  return [w, s, e, n]
}

const cross = (a: Position, b: Position, c: Position) =>
  (b[0]! - a[0]!) * (c[1]! - a[1]!) - (b[1]! - a[1]!) * (c[0]! - a[0]!)

/** The first edge of the closed ring that another crosses, -1 for none; neighbours that only share a vertex do not count. */
export function crossing(ring: Position[]): number {
  const n = ring.length
  for (let i = 0; i < n; i += 1) {
    for (let j = i + 2; j < n; j += 1) {
      if (i === 0 && j === n - 1) continue
      const [a, b, c, d] = [ring[i]!, ring[(i + 1) % n]!, ring[j]!, ring[(j + 1) % n]!]
      if (cross(a, b, c) * cross(a, b, d) < 0 && cross(c, d, a) * cross(c, d, b) < 0) return i
    }
  }
  return -1
}

const STRAIGHT = 0.002 // radians: points that a reader put on a long edge turn by far less

/** The corners of a shape: points on a straight edge, as densified ones are, are left out. */
export function corners(geometry: Geometry): Position[] {
  if (geometry.type !== 'Polygon' && geometry.type !== 'MultiPolygon') return positions(geometry)
  const rings = (geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates).flat()
  return rings.flatMap((closed) => {
    const ring = closed.slice(0, -1)
    const n = ring.length
    return ring.filter((here, i) => {
      const [before, after] = [ring[(i + n - 1) % n]!, ring[(i + 1) % n]!]
      const squeeze = Math.cos((here[1]! * Math.PI) / 180)
      const direction = (a: Position, b: Position) => Math.atan2(b[1]! - a[1]!, (b[0]! - a[0]!) * squeeze)
      const turn = Math.abs(direction(before, here) - direction(here, after))
      return Math.min(turn, 2 * Math.PI - turn) > STRAIGHT
    })
  })
}

/** Where a name can stand: on a horizontal line through the largest part, in the middle of its widest piece. */
export function namePlace(geometry: Geometry): Position | null {
  if (geometry.type !== 'Polygon' && geometry.type !== 'MultiPolygon') return positions(geometry)[0] ?? null
  const parts = geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates
  let best: { width: number; at: Position } | null = null
  for (const rings of parts) {
    const box = bounds([{ type: 'Polygon', coordinates: rings }])
    if (!box) continue
    for (const share of [0.5, 0.4, 0.6, 0.3, 0.7]) {
      const y = box[1] + (box[3] - box[1]) * share
      const cuts = rings.flatMap((ring) => crossings(ring, y)).sort((a, b) => a - b)
      for (let i = 0; i + 1 < cuts.length; i += 2) {
        const width = cuts[i + 1]! - cuts[i]!
        if (!best || width > best.width * 1.15) best = { width, at: [(cuts[i]! + cuts[i + 1]!) / 2, y] }
      }
    }
  }
  return best?.at ?? null
}

function crossings(ring: Position[], y: number): number[] {
  return ring.slice(1).flatMap((b, i) => {
    const a = ring[i]!
    return (a[1]! > y) === (b[1]! > y) ? [] : [a[0]! + ((y - a[1]!) / (b[1]! - a[1]!)) * (b[0]! - a[0]!)]
  })
}
