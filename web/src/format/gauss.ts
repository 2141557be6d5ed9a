// Plane coordinates of CGCS2000 zones and degrees; Krüger's series to n⁴, true to a millimetre within a zone.
import type { Position } from 'geojson'

const A = 6_378_137 // GB/T 33176, CGCS2000: semi-major axis in m
const F = 1 / 298.257222101
const N = F / (2 - F)
const RADIUS = (A / (1 + N)) * (1 + N ** 2 / 4 + N ** 4 / 64)
const BETA = [N / 2 - (2 / 3) * N ** 2 + (37 / 96) * N ** 3 - N ** 4 / 360, N ** 2 / 48 + N ** 3 / 15 - (437 / 1440) * N ** 4, (17 / 480) * N ** 3 - (37 / 840) * N ** 4, (4397 / 161_280) * N ** 4]
const DELTA = [2 * N - (2 / 3) * N ** 2 - 2 * N ** 3 + (116 / 45) * N ** 4, (7 / 3) * N ** 2 - (8 / 5) * N ** 3 - (227 / 45) * N ** 4, (56 / 15) * N ** 3 - (136 / 35) * N ** 4, (4279 / 630) * N ** 4]
const EAST_0 = 500_000

/** Longitude and latitude in degrees of X (north) and Y (east, without the zone) in m. */
export function degreesOf(north: number, east: number, meridian: number): Position {
  const xi = north / RADIUS
  const eta = (east - EAST_0) / RADIUS
  let [x, e] = [xi, eta]
  BETA.forEach((b, i) => {
    const k = 2 * (i + 1)
    x -= b * Math.sin(k * xi) * Math.cosh(k * eta)
    e -= b * Math.cos(k * xi) * Math.sinh(k * eta)
  })
  const chi = Math.asin(Math.sin(x) / Math.cosh(e))
  const latitude = DELTA.reduce((sum, d, i) => sum + d * Math.sin(2 * (i + 1) * chi), chi)
  return [meridian + (Math.atan2(Math.sinh(e), Math.cos(x)) * 180) / Math.PI, (latitude * 180) / Math.PI]
}

export type Typed = { at: Position } | { fault: 'columns' | 'order' | 'zone' }

/** "X, Y" with the zone before Y (3° zones 25 to 45, 6° zones 13 to 23), or longitude, latitude. Nothing is guessed. */
export function typedPlace(text: string): Typed {
  const parts = text.trim().split(/[\s,，;；]+/)
  const [a = NaN, b = NaN] = parts.map(Number)
  if (parts.length !== 2 || !Number.isFinite(a) || !Number.isFinite(b)) return { fault: 'columns' }
  if (a >= 73 && a <= 136 && b >= 3 && b <= 54) return { at: [a, b] }
  if ((b >= 73 && b <= 136 && a >= 3 && a <= 54) || (a >= 1e7 && b < 1e7)) return { fault: 'order' }
  const zone = Math.floor(b / 1e6)
  const meridian = zone >= 25 && zone <= 45 ? zone * 3 : zone >= 13 && zone <= 23 ? zone * 6 - 3 : null
  if (meridian === null || a < 3e5 || a > 6e6) return { fault: 'zone' }
  return { at: degreesOf(a, b - zone * 1e6, meridian) }
}
