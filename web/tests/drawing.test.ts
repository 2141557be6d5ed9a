// Drawing: parts with holes, every step taken back one by one, typed coordinates.
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { typedPlace } from '../src/format/coordinates'
import {
  addPoint, canFinish, canGoOn, draftShapes, drawing, drawnArea, drawnFault, drawnShape, holeCount, partCount, points, redoPoint, startDrawing, startHole, startPart, stopDrawing, undoPoint,
} from '../src/state/drawing'

const ring = (...at: [number, number][]) => at.forEach((point) => addPoint(point))
const OUTER: [number, number][] = [[87, 44], [87.01, 44], [87.01, 44.01], [87, 44.01]]
const HOLE: [number, number][] = [[87.002, 44.002], [87.004, 44.002], [87.004, 44.004]]
let done: unknown = null

beforeEach(() => { done = null; stopDrawing(); startDrawing((shape) => { done = shape }, () => {}) })

describe('a drawing', () => {
  it('becomes a polygon with a hole, whose area goes off', () => {
    ring(...OUTER)
    const whole = drawnArea.value
    startHole()
    expect(canFinish.value).toBe(true) // an empty hole is none
    ring(...HOLE)
    expect(drawnArea.value).toBeLessThan(whole)
    expect(drawnShape()).toEqual({ type: 'Polygon', coordinates: [[...OUTER, OUTER[0]], [...HOLE, HOLE[0]]] })
    drawing.finish?.()
    expect(done).toMatchObject({ type: 'Polygon' })
    expect(drawing.active).toBe(false)
  })
  it('becomes several parts', () => {
    ring(...OUTER)
    startPart()
    ring([87.1, 44], [87.11, 44], [87.11, 44.01])
    expect([partCount.value, holeCount.value]).toEqual([2, 0])
    expect(drawnShape()?.type).toBe('MultiPolygon')
    expect(draftShapes().points.features).toHaveLength(7)
  })
  it('takes back points, holes and parts one by one, and does them again', () => {
    ring(...OUTER)
    startHole()
    addPoint(HOLE[0]!)
    undoPoint()
    undoPoint()
    expect([holeCount.value, points.value.length]).toEqual([0, 4])
    redoPoint()
    redoPoint()
    expect([holeCount.value, points.value.length]).toEqual([1, 1])
    for (let i = 0; i < 20; i += 1) undoPoint()
    expect(points.value).toEqual([])
  })
  it('is not finished while it crosses itself or a hole leaves it', () => {
    ring([0, 0], [1, 1], [1, 0], [0, 1])
    expect([drawnFault.value, canFinish.value, canGoOn.value]).toEqual(['crossing', false, false])
    stopDrawing()
    startDrawing(() => {}, () => {})
    ring(...OUTER)
    startHole()
    ring([87.002, 44.002], [87.02, 44.002], [87.004, 44.004])
    expect([drawnFault.value, drawnShape()]).toEqual(['holeOutside', null])
  })
  it('goes on after a reload for the one who drew it, and for nobody else; given up, it is gone', async () => {
    const anew = async () => { vi.resetModules(); return [await import('../src/state/drawing'), await import('../src/state/session')] as const }
    ring(...OUTER)
    undoPoint()
    const [reloaded, { session }] = await anew()
    session.me = { username: 'other', role: 'clerk', counties: [] }
    reloaded.startDrawing(() => {}, () => {})
    expect(reloaded.allPoints.value).toEqual([])
    const [own] = await anew()
    own.startDrawing(() => {}, () => {})
    expect(own.points.value).toEqual(OUTER.slice(0, 3))
    own.undoPoint()
    expect(own.points.value).toEqual([])
    own.redoPoint()
    own.stopDrawing()
    own.startDrawing(() => {}, () => {})
    expect(own.points.value).toEqual([])
  })
})

// Expected places: PROJ, EPSG:4490 to EPSG:4517 (3° zone 29) and EPSG:4493 (6° zone 15).
const PLACES: [string, number, number][] = [
  ['4875555.0382, 29524055.7181', 87.3, 44.0152],
  ['4786691.9262, 29654426.2240', 88.9, 43.2],
  ['4874977.2529, 15524057.8202', 87.3, 44.01],
]
describe('a typed place', () => {
  it.each(PLACES)('%s is %s', (text, lon, lat) => {
    const found = typedPlace(text)
    if (!('at' in found)) throw new Error(found.fault)
    expect(found.at[0]).toBeCloseTo(lon, 8)
    expect(found.at[1]).toBeCloseTo(lat, 8)
  })
  it('takes degrees as they are, and guesses nothing', () => {
    expect(typedPlace('87.3, 44.01')).toEqual({ at: [87.3, 44.01] })
    expect(typedPlace('44.01 87.3')).toEqual({ fault: 'order' })
    expect(typedPlace('29524050.1, 4876500.1')).toEqual({ fault: 'order' })
    expect(typedPlace('4876500.1, 524050.1')).toEqual({ fault: 'zone' })
    expect(typedPlace('4876500.1')).toEqual({ fault: 'columns' })
  })
})
