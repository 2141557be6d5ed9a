// The list of rules is narrowed by words and by kind, and keeps the order of the book.
import { describe, expect, it } from 'vitest'
import type { Rule } from '../src/api/schema'
import { grouped, matching } from '../src/rules/filter'

const rule = (id: string, group: string, more: Partial<Rule> = {}): Rule => ({
  id, group, group_title: `组${group}`, title: `题${id}`, layer: '', relation: 'intersects', verdict: 'notice', reason: '', reason_en: '', looks_at: '', distance_m: null, distance_kind: null, confidence: '', seed: [], note: null, actions: null,
  actions_except: null, basis: [], parameters: [], needs: [], needs_titles: [], override: null, ...more,
})
const law = { text: '土壤污染防治法', article: '第59条', kind: 'statute' as const, indirect: false, valid_from: null, valid_to: null }
const reach = { name: 'reach_m', title: '距离', value: 200, unit: 'm', kind: 'default' as const, of_region: false, why: '' }
const RULES = [rule('A-1', 'a', { basis: [law] }), rule('B-1', 'b', { parameters: [reach] }), rule('A-2', 'a', { title: '饮用水' })]

describe('the list of rules', () => {
  it('finds by id, by title, by law and by article together', () => {
    expect(matching(RULES, 'a-2', null).map((one) => one.id)).toEqual(['A-2'])
    expect(matching(RULES, '饮用水', null).map((one) => one.id)).toEqual(['A-2'])
    expect(matching(RULES, '防治法 第59条', null).map((one) => one.id)).toEqual(['A-1'])
    expect(matching(RULES, '防治法 第60条', null)).toEqual([])
  })
  it('finds what uses a default number', () => {
    expect(matching(RULES, '', 'default').map((one) => one.id)).toEqual(['B-1'])
  })
  it('keeps groups together in the order of the book', () => {
    expect(grouped(RULES).map((group) => [group.title, group.rules.map((one) => one.id)])).toEqual([['组a', ['A-1', 'A-2']], ['组b', ['B-1']]])
  })
})
