// Gauss-Krüger on the CGCS2000 ellipsoid, both ways, by Krüger's series in n: within 0.1 mm in a zone of 6 degrees.
const A = 6378137.0 // semi-major axis of CGCS2000, metres (GB/T 30168)
const F = 1 / 298.257222101
const N = F / (2 - F)
const E = Math.sqrt(F * (2 - F))
const RADIANS = Math.PI / 180
const RADIUS = (A / (1 + N)) * (1 + N ** 2 / 4 + N ** 4 / 64)
const FALSE_EASTING = 500_000

// Coefficients of n to the fourth order: Karney, Transverse Mercator with an accuracy of a few nanometers (2011), (35) and (36).
const FORWARD = [
  N / 2 - (2 / 3) * N ** 2 + (5 / 16) * N ** 3 + (41 / 180) * N ** 4,
  (13 / 48) * N ** 2 - (3 / 5) * N ** 3 + (557 / 1440) * N ** 4,
  (61 / 240) * N ** 3 - (103 / 140) * N ** 4,
  (49561 / 161280) * N ** 4,
]
const INVERSE = [
  N / 2 - (2 / 3) * N ** 2 + (37 / 96) * N ** 3 - (1 / 360) * N ** 4,
  (1 / 48) * N ** 2 + (1 / 15) * N ** 3 - (437 / 1440) * N ** 4,
  (17 / 480) * N ** 3 - (37 / 840) * N ** 4,
  (4397 / 161280) * N ** 4,
]

export interface Zone { width: 3 | 6; number: number }

export const meridianOf = ({ width, number }: Zone): number => (width === 3 ? number * 3 : number * 6 - 3)

/** The 3-degree zone in which a longitude lies. */
export const zoneAt = (lon: number): Zone => ({ width: 3, number: Math.round(lon / 3) })

/** The zone whose number an easting of eight digits carries: 13 to 23 are 6-degree zones, 25 to 45 3-degree ones. */
export function zoneOfEasting(easting: number): Zone | null {
  const number = Math.floor(easting / 1_000_000)
  if (number >= 13 && number <= 23) return { width: 6, number }
  return number >= 25 && number <= 45 ? { width: 3, number } : null
}

/** Degrees to metres: northing, and easting with the zone's number before it. */
export function toZone(lon: number, lat: number, zone: Zone): { north: number; east: number } {
  const sine = Math.sin(lat * RADIANS)
  const t = Math.sinh(Math.atanh(sine) - E * Math.atanh(E * sine))
  const l = (lon - meridianOf(zone)) * RADIANS
  const xi = Math.atan2(t, Math.cos(l))
  const eta = Math.asinh(Math.sin(l) / Math.hypot(t, Math.cos(l)))
  const up = FORWARD.reduce((sum, c, j) => sum + c * Math.sin(2 * (j + 1) * xi) * Math.cosh(2 * (j + 1) * eta), xi)
  const across = FORWARD.reduce((sum, c, j) => sum + c * Math.cos(2 * (j + 1) * xi) * Math.sinh(2 * (j + 1) * eta), eta)
  return { north: RADIUS * up, east: zone.number * 1_000_000 + FALSE_EASTING + RADIUS * across }
}

/** Metres to degrees: longitude, latitude. `east` without the zone's number. */
export function fromZone(north: number, east: number, zone: Zone): [lon: number, lat: number] {
  const up = north / RADIUS
  const across = (east - FALSE_EASTING) / RADIUS
  const xi = INVERSE.reduce((sum, c, j) => sum - c * Math.sin(2 * (j + 1) * up) * Math.cosh(2 * (j + 1) * across), up)
  const eta = INVERSE.reduce((sum, c, j) => sum - c * Math.cos(2 * (j + 1) * up) * Math.sinh(2 * (j + 1) * across), across)
  const conformal = Math.asin(Math.sin(xi) / Math.cosh(eta))
  let lat = conformal
  for (let i = 0; i < 8; i += 1) {
    const sine = Math.sin(lat)
    lat = Math.asin(Math.tanh(Math.asinh(Math.tan(conformal)) + E * Math.atanh(E * sine)))
  }
  return [meridianOf(zone) + Math.atan2(Math.sinh(eta), Math.cos(xi)) / RADIANS, lat / RADIANS]
}
