// Layers lie as the style has them until somebody moves one; a layer moves whole, and labels stay on top.
import type { LayerSpecification, StyleSpecification } from 'maplibre-gl'
import { validateStyleMin } from '@maplibre/maplibre-gl-style-spec'
import { describe, expect, it } from 'vitest'
import { classFilter, drawnOrder, moved, sorted } from '../src/map/order'

const part = (layer: string, name: string, more: object = { type: 'fill' }) =>
  ({ id: `${layer}/${name}`, source: layer, metadata: { jingtu_layer: layer }, ...more }) as unknown as LayerSpecification
const text = { type: 'symbol', layout: { 'text-field': ['get', 'label'] } }
const parts = [part('zone', 'fill'), part('plot', 'fill'), part('plot', 'line', { type: 'line' }), part('well', 'mark', { type: 'symbol', layout: {} }), part('zone', 'label', text)]
const style = { version: 8, sources: {}, layers: parts } as StyleSpecification
const on = new Set(['zone', 'plot', 'well'])
const ids = (list: LayerSpecification[]) => list.map((one) => one.id)

describe('the order of layers', () => {
  it('is that of the style, the upper first, whatever its labels do', () => {
    expect(drawnOrder(style, on, null)).toEqual(['well', 'plot', 'zone'])
  })
  it('has what was switched on since on top', () => {
    expect(drawnOrder(style, on, ['zone', 'plot'])).toEqual(['well', 'zone', 'plot'])
  })
  it('moves one and keeps the others in their order', () => {
    expect(moved(['a', 'b', 'c'], 'c', 0)).toEqual(['c', 'a', 'b'])
    expect(moved(['a', 'b', 'c'], 'a', 9)).toEqual(['b', 'c', 'a'])
  })
  it('draws each layer as one, lowest first, and no layer over a label', () => {
    expect(ids(sorted(parts, ['zone', 'well', 'plot']))).toEqual(['plot/fill', 'plot/line', 'well/mark', 'zone/fill', 'zone/label'])
    expect(sorted(parts, null)).toBe(parts)
  })
})

describe('classes that are off', () => {
  const by = ['to-string', ['get', 'kind']]
  it('leave the rest of the layer, the class without a value too', () => {
    expect(classFilter(by, ['a', '*'], ['a', 'b'], '*')).toEqual(['all', ['!', ['in', by, ['literal', ['a']]]], ['in', by, ['literal', ['a', 'b']]]])
    expect(classFilter(by, [], ['a'], '*')).toBeNull()
  })
  it('are a filter that the map takes', () => {
    const filter = classFilter(by, ['a', '*'], ['a', 'b'], '*')
    const made = { version: 8, sources: { x: { type: 'vector', url: 'x' } }, layers: [{ id: 'x', type: 'fill', source: 'x', 'source-layer': 'x', filter }] }
    expect(validateStyleMin(made as unknown as StyleSpecification)).toEqual([])
  })
})
