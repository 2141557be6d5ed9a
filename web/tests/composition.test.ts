// The style on screen: the server's, in the theme, with the page's own layers above and nothing that was never wanted.
import { validateStyleMin } from '@maplibre/maplibre-gl-style-spec'
import type { StyleSpecification } from 'maplibre-gl'
import { describe, expect, it } from 'vitest'
import { compose, FONT, opacityPaint, type Palette } from '../src/map/composition'

const palette: Palette = {
  land: '#F3F1EA', outside: '#E7E5DE', label: '#3B4447', surface: '#FFFFFF', ink: '#1D2427', selection: '#0A5BD3', overlap: '#B4006F', undetermined: '#4A4D55',
}
const from = (id: string) => ({ source: id, 'source-layer': id, metadata: { jingtu_layer: id } })
const server = {
  version: 8,
  metadata: { jingtu: { patterns: {}, marks: {}, dark_map: { '#7D1E78': '#D58BE3' } } },
  sources: Object.fromEntries(['admin_county', 'suspected_plot', 'well'].map((id) => [id, { type: 'vector', url: `/tiles/${id}.json` }])),
  layers: [
    { id: 'suspected_plot/fill', type: 'fill', ...from('suspected_plot'), paint: { 'fill-color': '#7D1E78', 'fill-opacity': 0.1 } },
    { id: 'suspected_plot/label', type: 'symbol', ...from('suspected_plot'), layout: { 'text-field': ['get', 'label'], 'text-font': ['Open Sans'] } },
    { id: 'well/mark', type: 'symbol', ...from('well'), layout: { 'icon-image': 'mark:circle:#FFFFFF:#1667A8:11' } },
  ],
} as unknown as StyleSpecification

describe('the style on screen', () => {
  const made = compose(server, 'dark', palette, new Set(['suspected_plot']))
  it('is a valid style', () => {
    expect(validateStyleMin(made)).toEqual([])
    expect(validateStyleMin(compose(null, 'light', palette, new Set()))).toEqual([])
  })
  it('holds what is wanted and the ground, and asks for nothing else', () => {
    expect(Object.keys(made.sources).filter((id) => !id.startsWith('jt-')).sort()).toEqual(['admin_county', 'suspected_plot'])
    expect(made.layers.some((layer) => layer.id.startsWith('well'))).toBe(false)
  })
  it('is in the colours of the theme, written in the shipped font, and asks for no glyphs', () => {
    const byId = new Map(made.layers.map((layer) => [layer.id, layer]))
    expect(byId.get('suspected_plot/fill')).toMatchObject({ paint: { 'fill-color': '#D58BE3' } })
    expect(byId.get('suspected_plot/label')).toMatchObject({ layout: { 'text-font': FONT } })
    expect(made.glyphs).toBeUndefined()
  })
  it('draws the parcel above every layer of the catalog', () => {
    const ids = made.layers.map((layer) => layer.id)
    expect(ids.indexOf('jt-parcel-line')).toBeGreaterThan(ids.indexOf('suspected_plot/label'))
  })
  it('multiplies the opacity that the catalog gives', () => {
    expect(opacityPaint(server.layers[0]!, 0.5)).toEqual([['fill-opacity', 0.05]])
  })
})
