import { describe, expect, it } from 'vitest'
import type { RegisteredSite } from '../src/api/schema'
import { matchingSites } from '../src/site/listed'

const site = (code: string, name: string | null, county: string): RegisteredSite => ({ code, name, county, since: null, document: null, has_boundary: true })
const SITES = [site('A1', '示例电镀旧址', '652301'), site('B2', null, '652301'), site('A3', '示例焦油旧厂', '652327')]

describe('the register', () => {
  it('is narrowed by name, code and county together', () => {
    expect(matchingSites(SITES, ' 电镀 ', '').map(({ code }) => code)).toEqual(['A1'])
    expect(matchingSites(SITES, 'a', '').map(({ code }) => code)).toEqual(['A1', 'A3'])
    expect(matchingSites(SITES, 'a', '652327').map(({ code }) => code)).toEqual(['A3'])
    expect(matchingSites(SITES, '', '')).toHaveLength(3)
  })
})
