import { describe, expect, it } from 'vitest'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { departments, humanised, parameterTitle } from '../src/state/english'

const LAYERS = '../spatial/catalog/layers'

describe('the English page', () => {
  it('tells ids as the words that they are', () => {
    expect(humanised('nonferrous_smelting')).toBe('Nonferrous smelting')
    expect(parameterTitle('adjacency_tolerance_m')).toBe('Adjacency tolerance')
    expect(parameterTitle('sliver_area_m2')).toBe('Sliver area')
  })
  it('names every department of the layer files', () => {
    const owners = readdirSync(LAYERS).map((file) => /^owner\s*=\s*"(.+)"$/m.exec(readFileSync(join(LAYERS, file), 'utf8'))![1]!)
    expect(owners.length).toBeGreaterThan(50)
    expect(owners.filter((owner) => /[一-鿿]/.test(departments(owner)))).toEqual([])
  })
})
