// Coordinates in every CGCS2000 zone and in degrees. Expected metres: PROJ 9 (EPSG:4490 to the zone), told to 0.1 mm.
import { describe, expect, it } from 'vitest'
import { readPlaces, writePlace } from '../src/format/coordinates'
import { fromZone, toZone, type Zone } from '../src/format/gauss'

const PROJ: [Zone, number, number, number, number][] = [
  [{ width: 3, number: 29 }, 87.3052, 44.0163, 29524472.2317, 4875678.7922],
  [{ width: 3, number: 28 }, 85.9, 45.25, 28649155.8855, 5014484.6135],
  [{ width: 3, number: 30 }, 90.9999, 43.5, 30580868.813, 4818754.4465],
  [{ width: 6, number: 15 }, 87.3052, 44.0163, 15524472.2317, 4875678.7922],
  [{ width: 3, number: 29 }, 85.51, 42.6, 29377717.6423, 4719360.7083],
]
const ZONES = [28, 29, 30]

describe('the projection', () => {
  it.each(PROJ)('agrees with PROJ in zone %o', (zone, lon, lat, east, north) => {
    const made = toZone(lon, lat, zone)
    expect(Math.abs(made.east - east)).toBeLessThan(2e-4)
    expect(Math.abs(made.north - north)).toBeLessThan(2e-4)
    const [x, y] = fromZone(north, east - zone.number * 1e6, zone)
    expect(Math.abs(x - lon)).toBeLessThan(2e-9)
    expect(Math.abs(y - lat)).toBeLessThan(2e-9)
  })
})

describe('what somebody types', () => {
  const near = (text: string) => readPlaces(text, ZONES).map(({ lon, lat }) => [lon.toFixed(6), lat.toFixed(6)])
  const here = [['87.305200', '44.016300']]
  it('is degrees in either order, with or without words', () => {
    for (const text of ['87.3052,44.0163', '44.0163 87.3052', 'E87.3052 N44.0163', '东经87.3052，北纬44.0163']) expect(near(text)).toEqual(here)
  })
  it('is degrees, minutes and seconds', () => {
    expect(near('87°18′18.72″ 44°00′58.68″')).toEqual(here)
    expect(near('东经87度18分18.72秒，北纬44度0分58.68秒')).toEqual(here)
  })
  it('is degrees or minutes with decimals, never cut to whole ones', () => {
    for (const text of ['44.0163°N, 87.3052°E', '87°18.312′ 44°0.978′', '８７．３０５２，４４．０１６３', 'N44°00′58.68E87°18′18.72', "87°18'18.72\" 44°0'58.68\""]) expect(near(text)).toEqual(here)
  })
  it('is no place where a sign is missing or a part is none', () => {
    for (const text of ['87°18 44°0', '87°78′ 44°0′', '87°18′61″ 44°0′0″', '87.3°18′ 44.0°1′', '87°18′ 44°0′ 12 13', '87°18′']) expect(readPlaces(text, ZONES)).toEqual([])
  })
  it('is metres of the zone that the easting names, in either order', () => {
    for (const text of ['4875678.7922,29524472.2317', '29524472.2317 4875678.7922', 'X=4875678.7922 Y=15524472.2317']) expect(near(text)).toEqual(here)
  })
  it('is metres without a zone: one place for each zone of the region', () => {
    const found = readPlaces('4875678.7922 524472.2317', ZONES)
    expect(found.map((one) => one.zone?.number)).toEqual(ZONES)
    expect(found.map((one) => one.lon.toFixed(4))).toEqual(['84.3052', '87.3052', '90.3052'])
  })
  it('is no place where it is a name, a number or outside China', () => {
    for (const text of ['示例皮革旧址', '652301', '652301 0001', '120 200', '12.5,10.2', '']) expect(readPlaces(text, ZONES)).toEqual([])
  })
  it('is copied in three ways', () => {
    expect(writePlace(87.3052, 44.0163)).toMatchObject({
      degrees: '87.3052000,44.0163000', sexagesimal: 'E 87°18′18.72″ N 44°00′58.68″', metres: '4875678.792,29524472.232', zone: { number: 29 },
    })
  })
})
