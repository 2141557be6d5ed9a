// The life of a site on one axis: what began, what ended, what still runs; a corrected record counts no more.
import { describe, expect, it } from 'vitest'
import type { CycleMove, Lifecycle, SiteCard, SiteEvent } from '../src/api/schema'
import { axisOf, dayAt, dayNumber, placeOf, spansOf } from '../src/site/life'

const move = (id: string, title: string, to: string): CycleMove => ({ id, title, to, from: [], actors: [], document: '', basis: '', needs: [], due_months: null, due: null })
const cycle: Lifecycle = {
  stages: [
    { id: 'S0', title: '未纳入管理', title_en: 'not tracked', bars: [], closed: false }, { id: 'S1', title: '疑似', title_en: 'suspected', bars: ['stop'], closed: false },
    { id: 'S2', title: '调查', title_en: 'investigated', bars: ['stop', 'build'], closed: false }, { id: 'S3', title: '排除', title_en: 'excluded', bars: [], closed: true },
  ],
  moves: [move('suspect', '列为疑似', 'S1'), move('investigate', '开始调查', 'S2'), move('exclude', '排除', 'S3')], actors: {},
  bars: [{ id: 'stop', title: '不得征收', basis: '规划' }, { id: 'build', title: '不得开工', basis: '法' }], lists: [],
}
const event = (number: number, kind: SiteEvent['kind'], what: string, on: string, more: Partial<SiteEvent> = {}): SiteEvent => ({
  number, kind, kind_title: kind, what, title: what, on, recorded_at: `${on}T00:00:00Z`, document_number: `文${number}`, document_date: on, revision: 1, notice: null, corrects: null, corrected_by: null, ...more,
})
const site = (events: SiteEvent[], more: Partial<SiteCard> = {}): SiteCard => ({ code: 'A', codes: ['A'], name: '甲', county: '', county_name: null, as_of: '2026-01-01', revision: 1, lists: [], events, ...more })
const told = (card: SiteCard) => spansOf(card, cycle).map(({ lane, title, from, to }) => [lane, title, from, to])

describe('the life of a site', () => {
  it('ends a stage where the next begins, and joins a restriction that both bring', () => {
    const events = [event(2, 'move', 'investigate', '2021-05-01'), event(1, 'move', 'suspect', '2020-01-01'), event(3, 'move', 'exclude', '2022-03-01')]
    expect(told(site(events))).toEqual([
      ['stage', 'S1 疑似', '2020-01-01', '2021-05-01'], ['stage', 'S2 调查', '2021-05-01', '2022-03-01'], ['stage', 'S3 排除', '2022-03-01', null],
      ['bar', '不得征收', '2020-01-01', '2022-03-01'], ['bar', '不得开工', '2021-05-01', '2022-03-01'],
    ])
  })
  it('counts no record that was corrected or made void', () => {
    const events = [event(1, 'impose', 'access', '2020-01-01', { corrected_by: 2 }), event(2, 'void', '', '2020-01-01', { corrects: 1 })]
    expect(told(site(events))).toEqual([])
  })
  it('begins a list and a restriction anew each time', () => {
    const events = [event(1, 'impose', 'access', '2020-01-01'), event(2, 'lift', 'access', '2020-06-01'), event(3, 'impose', 'access', '2021-01-01')]
    expect(told(site(events))).toEqual([['bar', 'access', '2020-01-01', '2020-06-01'], ['bar', 'access', '2021-01-01', null]])
  })
  it('takes a list that only a delivery tells, and says where nobody knows since when', () => {
    const lists = [{ layer: 'x', title: '名录', listed: true, since: null, until: null, document: null, has_boundary: true, attributes: {} }]
    expect(told(site([], { lists }))).toEqual([['list', '名录', null, null]])
  })
  it('lies on whole years, and a day finds its place on them', () => {
    const axis = axisOf(spansOf(site([event(1, 'move', 'suspect', '2021-07-02')]), cycle), '2022-05-01')
    expect(axis.years).toEqual([2021, 2022, 2023])
    expect(placeOf('2022-01-01', axis)).toBeCloseTo(50, 5)
    expect(dayAt(dayNumber('2024-02-29'))).toBe('2024-02-29')
  })
})
