// What the pages lay out: matrices that add up, changes summed, reminders, batches in order.
import { describe, expect, it } from 'vitest'
import { causesText } from '../src/cases/causes'
import { reminderText } from '../src/check/reminder'
import { answersOf } from '../src/checks/batch'
import { changesByCheck, matchingChecks } from '../src/checks/changed'
import { placeOf } from '../src/loads/issues'
import { sumChanges } from '../src/loads/changes'
import { areaOf, areaTitle, hasArea, wantNothing } from '../src/overlays/asked'
import { byLayer, byVerdict, conflictsIn, hm2, plotsIn, sameCell, signed } from '../src/overlays/matrix'
import type { Side } from '../src/api/schema'
import type { CatalogAnswer as Catalog, Cause, Change, CheckAnswer, CheckSummary, FoundFeature, Issue } from '../src/api/schema'

const SIDE = {
  area: { area_m2: 60_000 },
  uses: [{ use: '07', title: '07 居住用地', area_m2: 40_000 }, { use: null, title: '用途不明', area_m2: 20_000 }],
  verdicts: [{ use: '07', verdict: 'prohibit', area_m2: 30_000 }, { use: '07', verdict: 'clear', area_m2: 10_000 }, { use: null, verdict: 'undetermined', area_m2: 20_000 }],
  by_layer: [{ use: '07', layer: 'a', area_m2: 30_000 }],
  layers: [{ layer: 'a', state: 'hit', incomplete: null }, { layer: 'b', state: 'no_data', incomplete: 'no_data' }, { layer: 'c', state: 'clear', incomplete: null }],
  plots: [{ plot: 0, use: '07', verdict: 'prohibit', touched: [{ layer: 'a' }] }, { plot: 1, use: '07', verdict: 'clear', touched: [] }, { plot: 2, use: null, verdict: 'undetermined', touched: [] }],
  conflicts: [{ plot: 0, use: '07', verdict: 'prohibit', layer: 'a', feature: { layer: 'a' } }, { plot: 1, use: '07', verdict: 'notice', layer: 'x', feature: { layer: 'a' } }],
} as unknown as Side

describe('the matrix of an overlay', () => {
  it('adds up by verdict, in rows and columns', () => {
    const { columns, rows, totals, total } = byVerdict(SIDE)
    expect(columns).toEqual(['prohibit', 'needs_investigation', 'conditional', 'undetermined', 'notice', 'clear'])
    expect(rows.map((row) => row.cells)).toEqual([[30_000, 0, 0, 0, 0, 10_000], [0, 0, 0, 20_000, 0, 0]])
    expect(totals.reduce((a, b) => a + b)).toBe(total)
    for (const row of rows) expect(row.cells.reduce((a, b) => a + b)).toBe(row.total)
  })
  it('names a layer that was not hit only where something of it is missing', () => {
    expect(byLayer(SIDE).columns).toEqual(['a', 'b'])
  })
  it('leads from a cell to its plots and conflicts', () => {
    expect([...plotsIn(SIDE, { use: '07', verdict: 'prohibit' })]).toEqual([0])
    expect([...plotsIn(SIDE, { use: null, verdict: 'undetermined' })]).toEqual([2])
    expect([...plotsIn(SIDE, { layer: 'a' })]).toEqual([0, 1])
    expect(conflictsIn(SIDE, { layer: 'a' })).toHaveLength(2)
    expect(conflictsIn(SIDE, null)).toHaveLength(2)
    expect([sameCell({ use: null, verdict: 'clear' }, { verdict: 'clear' }), sameCell({ layer: 'a' }, { layer: 'a' })]).toEqual([false, true])
  })
  it('never writes something as nothing, and always a sign', () => {
    expect([hm2(0), hm2(0.2), hm2(30_213)]).toEqual(['0', '<0.0001', '3.0213'])
    expect([signed(10_415), signed(-35_737), signed(0)]).toEqual(['+1.0415', '−3.5737', '0'])
  })
})

describe('the question of an overlay', () => {
  const unit = (code: string | null): FoundFeature => ({ type: 'Feature', id: '7', layer: 'x', code, name: code, county: '652301', geometry: { type: 'Polygon', coordinates: [] }, properties: { planned_use: '0701' } })
  it('names features by their codes, or brings their shapes', () => {
    expect(areaOf({ ...wantNothing(), chosen: [unit('A'), unit('B')] })).toEqual({ layer: 'detailed_plan_unit', codes: ['A', 'B'] })
    expect(areaOf({ ...wantNothing(), way: 'supply', chosen: [unit(null)] })).toMatchObject({ type: 'FeatureCollection', features: [{ properties: { parcel_no: '1', planned_use: '0701' } }] })
  })
  it('has no area before one is chosen', () => {
    expect([hasArea(wantNothing()), hasArea({ ...wantNothing(), chosen: [unit('A')] }), hasArea({ ...wantNothing(), way: 'draw' })]).toEqual([false, true, false])
    expect(areaTitle({ ...wantNothing(), chosen: ['A', 'B', 'C', 'D'].map(unit) }, { drawn: '画', supply: '供' })).toBe('A、B、C…')
  })
})

describe('lists', () => {
  const change = (id: number, old: string, to: string) => ({ id, old: { id: old }, new: { id: to } }) as unknown as Change
  it('flag a check whose answer is another one, and lead to what it is in the end', () => {
    const found = changesByCheck([change(9, 'b', 'c'), change(3, 'a', 'b'), change(2, 'x', 'y')])
    expect([...found].map(([id, { new: now }]) => [id, now?.id])).toEqual([['b', 'c'], ['a', 'c'], ['x', 'y']])
  })
  it('find checks by number, parcel and document together', () => {
    const checks = [{ number: 'JT-1', parcel_no: '652301-7', purpose: '昌土供18号' }, { number: 'JT-2', parcel_no: null, purpose: null }] as CheckSummary[]
    expect(matchingChecks(checks, ' jt 18号 ').map((one) => one.number)).toEqual(['JT-1'])
    expect(matchingChecks(checks, '')).toHaveLength(2)
  })
  it('keep the order of the file, however the answers come', async () => {
    const told: number[] = []
    const ask = (id: string) => new Promise<CheckAnswer>((give) => { setTimeout(() => give({ id } as CheckAnswer), id === '0' ? 20 : 1) })
    const found = await answersOf(['0', '1', '2', '3', '4', '5', '6', '7'], (done) => told.push(done), ask)
    expect(found.map((one) => one.id)).toEqual(['0', '1', '2', '3', '4', '5', '6', '7'])
    expect(told.at(-1)).toBe(8)
  })
  it('sum what a release changes over deliveries of one layer', () => {
    const county = (added: number) => ({ added, changed: 1, removed: 0, area_gained_m2: 5, area_lost_m2: 0 })
    expect(sumChanges([{ load: 1, layer: 'a', by_county: { x: county(2) } }, { load: 2, layer: 'a', by_county: { x: county(3), y: county(0) } }])).toEqual([
      { layer: 'a', added: 5, changed: 3, removed: 0, counties: [['x', { ...county(5), changed: 2, area_gained_m2: 10 }], ['y', county(0)]] },
    ])
  })
  it('find an issue however its place is told', () => {
    expect(placeOf({ place: [87, 44] } as unknown as Issue)).toEqual([87, 44])
    expect(placeOf({ place: null } as unknown as Issue)).toBeNull()
  })
})

describe('words for others', () => {
  const say = (key: string, values: Record<string, string | number> = {}) => `${key}${values.what ?? values.number ?? values.layer ?? values.n ?? ''}`
  it('ask each office for what it owes, with number and link', () => {
    const catalog = { groups: [{ title: '', layers: [{ id: 'a', title: '红线', owner: '自然资源局' }, { id: 'b', title: '水源', owner: '生态环境局' }] }] } as unknown as Catalog
    const answer = { number: 'JT-1', gaps: [{ layer: 'a', message: '从未入库' }, { layer: 'b', message: '过期' }, { layer: 'a', message: '只覆盖一半' }] } as CheckAnswer
    const text = reminderText(answer, catalog, 'http://x/?check=1', say)
    expect(text.split('\n\n')).toEqual(['report.remindLeadJT-1', '自然资源局app.colon\n- 红线app.colon从未入库\n- 红线app.colon只覆盖一半', '生态环境局app.colon\n- 水源app.colon过期', 'http://x/?check=1'])
  })
  it('say why an answer changed, each reason once', () => {
    const causes: Cause[] = [{ kind: 'feature', layer: 'a', name: '示例', change: 'came' }, { kind: 'feature', layer: 'a', name: '示例', change: 'came' }, { kind: 'day' }, { kind: 'coverage', layer: 'b' }, { kind: 'feature', layer: 'parcel', change: 'moved' as 'went' }]
    expect(causesText(causes, say, (id) => id)).toBe('changes.camea 示例app.semicolonchanges.cause_dayapp.semicolonchanges.cause_coverageb' + 'changes.andMore4')
  })
})
