// Distances against GeographicLib (pyproj Geod of CGCS2000), insides by hand.
import { describe, expect, it } from 'vitest'
import type { Geometry } from 'geojson'
import { byDistance, errorCircle, local, measure } from '../src/field/position'

const HERE = { lon: 87.3, lat: 44.0 }
const square = (w: number, s: number, e: number, n: number): Geometry => ({ type: 'Polygon', coordinates: [[[w, s], [e, s], [e, n], [w, n], [w, s]]] })
const site = (code: string, geometry: Geometry | null) => ({ type: 'Feature' as const, id: code, layer: 'contaminated_plot', code, name: code, county: '652301', geometry, properties: {} })

describe('how far a site is', () => {
  it('agrees with the geodesic within a decimetre in ten kilometres', () => {
    for (const [lon, lat, metres] of [[87.31, 44.005, 975.6525], [87.303, 44.001, 265.0326], [87.3, 44.1, 11111.3218], [87.31, 44.0, 802.0619]] as const) {
      expect(Math.hypot(...local(HERE)([lon, lat])) / metres).toBeCloseTo(1, 3)
    }
    expect(measure(HERE, { type: 'Point', coordinates: [87.303, 44.001] })!.edge).toBeCloseTo(265.03, 1)
  })
  it('is the distance to the nearest edge, from without and from within, and a hole is without', () => {
    expect(measure(HERE, square(87.31, 43.99, 87.32, 44.01))).toEqual({ edge: expect.closeTo(802.06, 1) as number, inside: false })
    const within = measure(HERE, square(87.29, 43.99, 87.31, 44.01))!
    expect(within.inside).toBe(true)
    expect(within.edge).toBeCloseTo(802.06, 1)
    const ring: Geometry = { type: 'Polygon', coordinates: [[[87.2, 43.9], [87.4, 43.9], [87.4, 44.1], [87.2, 44.1], [87.2, 43.9]], [[87.29, 43.99], [87.31, 43.99], [87.31, 44.01], [87.29, 44.01], [87.29, 43.99]]] }
    expect(measure(HERE, ring)!.inside).toBe(false)
    expect(measure(HERE, { type: 'MultiPolygon', coordinates: [[[[87.31, 43.99], [87.32, 43.99], [87.32, 44.01], [87.31, 43.99]]], (square(87.29, 43.99, 87.31, 44.01) as { coordinates: number[][][] }).coordinates] })!.inside).toBe(true)
  })
  it('tells nobody to be inside or outside where the position is too vague', () => {
    const sites = [site('far', square(87.31, 43.99, 87.32, 44.01)), site('here', square(87.29, 43.99, 87.31, 44.01)), site('nowhere', null)]
    const sure = (accuracy: number) => byDistance(sites, { ...HERE, accuracy, at: 0 }).map((one) => [one.feature.code, one.sure])
    expect(sure(5)).toEqual([['here', true], ['far', true]])
    expect(sure(85)).toEqual([['here', false], ['far', true]]) // within 802 m of its edge, yet worse than 30 m
    expect(sure(900)).toEqual([['here', false], ['far', false]])
  })
  it('has a ring of the error around it', () => {
    const [ring = []] = errorCircle({ ...HERE, accuracy: 85, at: 0 }).coordinates
    for (const point of ring) expect(Math.hypot(...local(HERE)(point))).toBeCloseTo(85, 1)
  })
})
