// What is not known of some ground is said with its reason: never sent, not the asker's to see, past its time, without a boundary.
import { beforeEach, describe, expect, it } from 'vitest'
import type { CatalogAnswer, CatalogLayer } from '../src/api/schema'
import { useCatalog } from '../src/state/catalog'
import { leftOut, unknownLines, unknownOf } from '../src/state/unknown'

type Cover = CatalogLayer['coverage'][number]
const cover = (county: string, state: Cover['state'], features: number | null = 1, unlocated: number | null = 0): Cover =>
  ({ county, state, data_date: null, release: null, features, unlocated })
const layer = (id: string, coverage: Cover[], more: Partial<CatalogLayer> = {}) =>
  ({ id, title: `图层${id}`, title_en: id, role: 'restriction', visible: true, coverage, ...more }) as unknown as CatalogLayer

const LAYERS = [
  layer('a', [cover('1', 'never_loaded', 0), cover('2', 'loaded')]),
  layer('b', [cover('1', 'loaded', null, null), cover('2', 'loaded')]),
  layer('c', [cover('1', 'outdated'), cover('2', 'loaded', 3, 2)]),
  layer('d', [cover('1', 'loaded', null, null), cover('2', 'loaded', null, null)], { visible: false }),
  layer('e', [cover('1', 'never_loaded', 0)], { role: 'context' }),
  layer('f', [cover('1', 'confirmed_empty', 0)]),
]

beforeEach(() => {
  const counties = [{ code: '1', name: '甲县', name_en: 'A' }, { code: '2', name: '乙县', name_en: 'B' }]
  useCatalog({ catalog: { groups: [{ title: '', title_en: '', layers: LAYERS }], counties } as unknown as CatalogAnswer, legend: null, style: null })
})

describe('what is not known', () => {
  it('of a county goes by its own coverage, and by what the asker may see', () => {
    expect(unknownOf(LAYERS, ['1'])).toEqual({ never: ['a'], hidden: ['b', 'd'], outdated: ['c'], unlocated: [], records: 0 })
    expect(unknownOf(LAYERS, ['2'])).toEqual({ never: [], hidden: ['d'], outdated: [], unlocated: ['c'], records: 2 })
  })
  it('is said, each reason by itself', () => {
    expect(unknownLines(unknownOf(LAYERS, ['1', '2']))).toEqual([
      '没有资料：图层a。', '无权看：图层b、图层d。', '资料已过期：图层c。', '2 条记录没有边界，可能涉及这里：图层c。',
    ])
    expect(unknownLines(unknownOf([LAYERS[5]!], ['1']))).toEqual([])
  })
  it('of one list is said by county', () => {
    expect(leftOut(LAYERS[0]!, ['1', '2'])).toEqual(['没有资料：甲县。'])
    expect(leftOut(LAYERS[1]!, ['1', '2'])).toEqual(['无权看：甲县。'])
    expect(leftOut(LAYERS[1]!, ['2'])).toEqual([])
  })
})
