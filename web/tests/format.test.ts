// Numbers, dates and areas as people read them.
import { describe, expect, it } from 'vitest'
import { geometryArea, ringArea } from '../src/format/ellipsoid'
import { crossing } from '../src/format/geometry'
import { area, day, distance, hectares, monthsBetween, number, share, squareMetres } from '../src/format/numbers'

const SAMPLE = [[87.30645735079, 44.02368852477], [87.30895188037, 44.02368180688], [87.30894486378, 44.02233072078], [87.30645039085, 44.02233743835]] // EPSG:4517 → 4490 by PROJ

describe('numbers', () => {
  it('groups thousands by a thin space from five digits on', () => {
    expect(number(1204)).toBe('1204')
    expect(number(15269.7, 2)).toBe('15\u2009269.70')
    expect(number(1234567)).toBe('1\u2009234\u2009567')
    expect(number(-15269.7, 1)).toBe('−15\u2009269.7')
  })
  it('writes m² with two decimals and hm² with four', () => {
    expect(squareMetres(0.6)).toBe('0.60 m²')
    expect(hectares(74728.4)).toBe('7.4728 hm²')
    expect(area(9999.99)).toBe('9999.99 m²')
    expect(area(10000)).toBe('1.0000 hm²')
  })
  it('never rounds a part away or up to the whole', () => {
    expect(share(0.2043)).toBe('20.43%')
    expect(share(0.000001)).toBe('<0.01%')
    expect(share(0.999999)).toBe('>99.99%')
    expect(share(1)).toBe('100%')
    expect(share(0)).toBe('0.00%')
  })
  it('writes distances in metres, then kilometres', () => {
    expect(distance(3)).toBe('3.0 m')
    expect(distance(216.4)).toBe('216 m')
    expect(distance(118_000)).toBe('118.0 km')
  })
  it('keeps days as they are and leaves what is no date alone', () => {
    expect(day('2026-10-01')).toBe('2026-10-01')
    expect(day(null)).toBe('')
    expect(day('soon')).toBe('soon')
  })
  it('counts whole months', () => {
    expect(monthsBetween('2025-03-31', '2026-11-23')).toBe(19)
    expect(monthsBetween('2026-10-01', '2026-11-01')).toBe(1)
  })
})

describe('areas on the ellipsoid', () => {
  // The published figures of the boundary-point sample (DK-002), which the surveying format's own expectation gives.
  it('agrees with the sample parcel to a square decimetre', () => {
    const ring = SAMPLE
    expect(Math.abs(ringArea(ring) - 30024.55)).toBeLessThan(0.1)
  })
  it('takes holes off', () => {
    const outer = [[87, 44], [87.1, 44], [87.1, 44.1], [87, 44.1], [87, 44]]
    const hole = [[87.02, 44.02], [87.02, 44.04], [87.04, 44.04], [87.04, 44.02], [87.02, 44.02]]
    const whole = geometryArea({ type: 'Polygon', coordinates: [outer] })
    expect(geometryArea({ type: 'Polygon', coordinates: [outer, hole] })).toBeCloseTo(whole - ringArea(hole), 6)
  })
})

describe('crossing edges', () => {
  it('are seen in a bow tie and not in a square', () => {
    expect(crossing([[0, 0], [1, 1], [1, 0], [0, 1]])).toBe(0)
    expect(crossing([[0, 0], [1, 0], [1, 1], [0, 1]])).toBe(-1)
  })
})
