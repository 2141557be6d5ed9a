// A faulty file on screen: its lines, its faults and its sketch hang together.
import { describe, expect, it } from 'vitest'
import type { Issue } from '../src/api/schema'
import { issuePlace, sourceLines } from '../src/check/issues'
import { boxOf, faultsOf, plotsOf } from '../src/check/sketch'
import { corners, namePlace } from '../src/format/geometry'

const issue = (given: Partial<Issue>): Issue => ({
  code: 'x', severity: 'error', row: null, ring: null, field: null, value: null, message: '有错', hint: '', place: null, owner: null, ...given,
})
const LINES = [
  '[属性描述]', '带号=29', '[地块坐标]', '5,1.5,DK-001,示例地块一,面,,居住用地,0701,@',
  'J1,1,4876500.000,29524050.000', 'J2,1,4876500.000,29524150.000', 'J3,1,29524150.000,4876400.000', 'J4， 1， 4876400.000， 29524050.000',
  'J1,1,4876500.000,29524050.800', '4,0.1,DK-002,示例地块二,面,,,,@', 'K1,1,4876390.0,29524050.0', 'K2,1,4876390.0,29524060.0', 'K3,1,4876380.0,29524060.0',
]

describe('the lines of a file', () => {
  it('carry the faults that name them, with the place marked', () => {
    const [line] = sourceLines(['15,18.1975,DK-001,0702'], [issue({ row: 1, value: '15' }), issue({ row: 1, value: '0702', severity: 'warning' })])
    expect(line).toMatchObject({ row: 1, issues: [0, 1], fault: true })
    expect(line!.parts.filter((p) => p.wrong).map((p) => p.text)).toEqual(['15', '0702'])
    expect(line!.parts.map((p) => p.text).join('')).toBe('15,18.1975,DK-001,0702')
  })
  it('name their number once', () => {
    expect(issuePlace(issue({ row: 17 }))).toBe('第 17 行：')
    expect(issuePlace(issue({ row: 17, message: '第 17 行 J4：写反' }))).toBe('')
    expect(issuePlace(issue({}))).toBe('')
  })
})

describe('the sketch of a boundary-point file', () => {
  const plots = plotsOf(LINES)
  it('holds every plot with its rings, north up', () => {
    expect(plots.map((p) => [p.name, p.rings.map((r) => r.points.length)])).toEqual([['示例地块一', [5]], ['示例地块二', [3]]])
    expect(plots[0]!.rings[0]!.points[0]).toMatchObject({ name: 'J1', row: 5, x: 29524050, y: 4876500, guessed: false })
  })
  it('marks exchanged coordinates as guessed, and rings that do not close', () => {
    expect(plots[0]!.rings[0]!.points.filter((p) => p.guessed).map((p) => p.row)).toEqual([7])
    expect(plots[0]!.rings[0]!.gap).toBe(true)
    expect(plots[1]!.rings[0]!.gap).toBe(false)
  })
  it('places faults at their points', () => {
    expect(faultsOf(plots, [issue({ row: 2 }), issue({ row: 7 })])).toEqual([{ n: 1, x: 29524150, y: 4876400, error: true }])
  })
  it('is not shrunk by a stray point', () => {
    const far = plotsOf([...LINES.slice(0, 10), 'K9,1,4176390.0,29124050.0'])
    expect(boxOf(far)).toEqual(boxOf(plotsOf(LINES.slice(0, 9))))
  })
  it('is nothing for other text', () => {
    expect(boxOf(plotsOf(['hello', '{"type": "Feature"}']))).toBeNull()
  })
})

describe('shapes on the map', () => {
  const square = { type: 'Polygon' as const, coordinates: [[[0, 0], [1, 0], [2, 0], [2, 2], [0, 2], [0, 0]], [[0.5, 0.5], [0.5, 1.5], [1.5, 1.5], [1.5, 0.5], [0.5, 0.5]]] }
  it('show their corners, not the points that lie along an edge', () => {
    expect(corners(square)).not.toContainEqual([1, 0])
    expect(corners(square)).toHaveLength(8)
  })
  it('are named inside themselves, beside a hole', () => {
    const [x = 0, y = 0] = namePlace(square) ?? []
    expect(x > 0.5 && x < 1.5 && y > 0.5 && y < 1.5).toBe(false)
    expect(x > 0 && x < 2 && y > 0 && y < 2).toBe(true)
  })
})
