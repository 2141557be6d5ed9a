import { describe, expect, it } from 'vitest'
import { linesOf, share } from '../src/dashboard/lists'

describe('the list behind a number', () => {
  it('reads cases, sites and features alike', () => {
    expect(linesOf({ cases: [{ number: 'YT-1', title: '变更', kind_title: '变更用途' }], next: null })).toEqual([
      { key: 'YT-1', name: '变更', beside: '变更用途' },
    ])
    expect(linesOf({ type: 'FeatureCollection', features: [{ id: 7, properties: { code: 'A', name: '示例', class: 'V' } }] })).toEqual([
      { key: 'A', name: '示例', beside: 'V' },
    ])
    expect(linesOf({ next: null })).toEqual([])
  })
  it('never rounds up to all', () => {
    expect(share(9999, 10000)).toBe(99.9)
    expect(share(3, 3)).toBe(100)
    expect(share(1, 3)).toBe(33.3)
    expect(share(0, 0)).toBeNull()
  })
})
