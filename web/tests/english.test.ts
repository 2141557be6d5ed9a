import { describe, expect, it } from 'vitest'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setLanguage } from '../src/i18n'
import { departments, humanised, lawText, parameterTitle } from '../src/state/english'

const LAYERS = '../spatial/catalog/layers'

describe('the English page', () => {
  it('tells ids as the words that they are', () => {
    expect(humanised('nonferrous_smelting')).toBe('Nonferrous smelting')
    expect(parameterTitle('adjacency_tolerance_m')).toBe('Adjacency tolerance')
    expect(parameterTitle('sliver_area_m2')).toBe('Sliver area')
  })
  it('names a law and its article in Chinese, and our own rules, which are no law, in English', async () => {
    await setLanguage('en')
    expect(lawText({ text: '生态环境法典', article: '第454条', kind: 'statute' })).toBe('生态环境法典 第454条')
    expect(lawText({ text: '系统规则', article: null, kind: 'default' })).toBe('rules of this system')
    await setLanguage('zh')
    expect(lawText({ text: '系统规则', article: null, kind: 'default' })).toBe('系统规则')
  })
  it('names every department of the layer files', () => {
    const owners = readdirSync(LAYERS).map((file) => /^owner\s*=\s*"(.+)"$/m.exec(readFileSync(join(LAYERS, file), 'utf8'))![1]!)
    expect(owners.length).toBeGreaterThan(50)
    expect(owners.filter((owner) => /[一-鿿]/.test(departments(owner)))).toEqual([])
  })
})
