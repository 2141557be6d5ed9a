// Coordinates as people write them: degrees, degrees-minutes-seconds, or metres of a CGCS2000 zone; in and out.
import type { Position } from 'geojson'
import { fromZone, toZone, zoneAt, zoneOfEasting, type Zone } from './gauss'

export interface Place { lon: number; lat: number; zone: Zone | null }

const LON = [73, 136] as const // of China, and not a latitude of it: the order of two degrees tells itself
const LAT = [3, 54.5] as const
const within = (value: number, [low, high]: readonly [number, number]) => value >= low && value <= high
const SEXAGESIMAL = /(\d{1,3}(?:\.\d+)?)\s*[°度]\s*(?:(\d{1,2}(?:\.\d+)?)\s*[′'’分]\s*(?:(\d{1,2}(?:\.\d+)?)(?![\d.]*\s*[°度])\s*[″"”秒]?)?)?/g
/** Signs of full width, as a Chinese keyboard gives them. */
const halved = (text: string) => text.replace(/[！-～]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) - 0xfee0))

function ordered(a: number, b: number): Place | null {
  if (within(a, LON) && within(b, LAT)) return { lon: a, lat: b, zone: null }
  return within(b, LON) && within(a, LAT) ? { lon: b, lat: a, zone: null } : null
}

/**
 * What two numbers can mean, none where the text is no coordinates. Metres without a zone's number are tried in
 * `zones` (3-degree); the caller shows each.
 */
export function readPlaces(given: string, zones: readonly number[]): Place[] {
  const text = halved(given)
  const sexagesimal = [...text.matchAll(SEXAGESIMAL)]
  if (sexagesimal.length) {
    const rest = text.replace(SEXAGESIMAL, '') // a number that is left over could be minutes or another place
    const isSixty = sexagesimal.every(([, d, m, s]) => [m, s].every((part) => Number(part ?? 0) < 60) && (!m || !d!.includes('.')) && (!s || !m!.includes('.')))
    if (sexagesimal.length !== 2 || /[\d-]/.test(rest) || !isSixty) return []
    const [a = 0, b = 0] = sexagesimal.map(([, d, m, s]) => Number(d) + Number(m ?? 0) / 60 + Number(s ?? 0) / 3600)
    return [ordered(a, b)].filter((one) => one !== null)
  }
  const plain = text.replace(/[XYxy东北经纬坐标=:：EN°]/g, ' ').trim()
  if (!/^-?\d+(\.\d+)?[\s,，、;；]+-?\d+(\.\d+)?$/.test(plain)) return []
  const [a = NaN, b = NaN] = plain.split(/[\s,，、;；]+/).map(Number)
  const degrees = ordered(a, b)
  if (degrees) return [degrees]
  // Northings of China have seven digits, eastings six, or eight with the zone.
  const isNorth = (value: number) => value >= 1_000_000 && value < 6_100_000
  const [north, east] = zoneOfEasting(a) && isNorth(b) ? [b, a] : a >= 1_000_000 ? [a, b] : [b, a]
  if (!isNorth(north)) return []
  const told = zoneOfEasting(east)
  if (!told && !(east > 100_000 && east < 900_000)) return []
  const tried: Zone[] = told ? [told] : zones.map((number) => ({ width: 3, number }))
  return tried.map((zone) => {
    const [lon, lat] = fromZone(north, told ? east - told.number * 1_000_000 : east, zone)
    return { lon, lat, zone }
  }).filter(({ lon, lat }) => within(lon, LON) && within(lat, LAT))
}

export type Typed = { at: Position } | { fault: 'columns' | 'order' | 'zone' }

/** A corner of a boundary: "X, Y" with the zone before Y, or longitude, latitude. Nothing is guessed. */
export function typedPlace(text: string): Typed {
  const parts = text.trim().split(/[\s,，;；]+/)
  const [a = NaN, b = NaN] = parts.map(Number)
  if (parts.length !== 2 || !Number.isFinite(a) || !Number.isFinite(b)) return { fault: 'columns' }
  if (within(a, LON) && within(b, LAT)) return { at: [a, b] }
  if ((within(b, LON) && within(a, LAT)) || (a >= 1e7 && b < 1e7)) return { fault: 'order' }
  const zone = zoneOfEasting(b)
  if (!zone || a < 300_000 || a > 6_000_000) return { fault: 'zone' }
  return { at: fromZone(a, b - zone.number * 1_000_000, zone) }
}

function sexagesimal(value: number): string {
  const hundredths = Math.round(value * 360_000)
  const seconds = ((hundredths % 6000) / 100).toFixed(2).padStart(5, '0')
  return `${Math.floor(hundredths / 360_000)}°${String(Math.floor(hundredths / 6000) % 60).padStart(2, '0')}′${seconds}″`
}

/** A place in the ways it is copied: decimal degrees (longitude first), degrees-minutes-seconds, metres of its 3-degree zone (X north, Y east). */
export function writePlace(lon: number, lat: number): { degrees: string; sexagesimal: string; metres: string; zone: Zone } {
  const zone = zoneAt(lon)
  const { north, east } = toZone(lon, lat, zone)
  return {
    degrees: `${lon.toFixed(7)},${lat.toFixed(7)}`,
    sexagesimal: `E ${sexagesimal(lon)} N ${sexagesimal(lat)}`,
    metres: `${north.toFixed(3)},${east.toFixed(3)}`,
    zone,
  }
}
