// Image ids are read exactly, and colours change with the theme wherever they stand.
import { describe, expect, it } from 'vitest'
import { imageSvg, parseImageId, type Symbols } from '../src/map/images'
import { recolour, scaled } from '../src/map/theme'

const symbols: Symbols = {
  patterns: { 'cross-45': { tile_px: 8, svg: '<path d="M0 0 8 8" stroke="{c}"/>' } },
  marks: { diamond: { svg: '<path d="M12 2 22 12 12 22 2 12z" fill="{fill}" stroke="{stroke}"/>' } },
  by: {}, dark_map: { '#5E1668': '#DDA0EA' },
}

describe('image ids', () => {
  it('name a pattern and its colour', () => {
    expect(parseImageId('pattern:cross-45:#5E1668')).toEqual({ kind: 'pattern', pattern: 'cross-45', color: '#5E1668' })
  })
  it('name a mark, its colours and its size', () => {
    expect(parseImageId('mark:diamond:#FFFFFF:#7D1E78:11')).toEqual({ kind: 'mark', shape: 'diamond', fill: '#FFFFFF', stroke: '#7D1E78', size: 11 })
    expect(parseImageId('mark:ring:none:#3A0A43:18')).toMatchObject({ fill: 'none' })
  })
  it('are refused when they are anything else', () => {
    for (const id of ['', 'mark', 'pattern:x', 'mark:a:#FFF:#000000:9', 'mark:a:#FFFFFF:#000000:900', 'pattern:"/><script>:#000000', 'icon:a:#FFFFFF']) {
      expect(parseImageId(id), id).toBeNull()
    }
  })
  it('become drawings in their own colours', () => {
    const pattern = imageSvg(parseImageId('pattern:cross-45:#5E1668')!, symbols)!
    expect(pattern.svg).toContain('stroke="#5E1668"')
    expect([pattern.width, pattern.height]).toEqual([8, 8])
    const mark = imageSvg(parseImageId('mark:diamond:#FFFFFF:#7D1E78:11')!, symbols)!
    expect(mark.svg).toContain('fill="#FFFFFF" stroke="#7D1E78"')
    expect(imageSvg(parseImageId('mark:nowhere:#FFFFFF:#7D1E78:11')!, symbols)).toBeNull()
  })
})

describe('the dark theme', () => {
  it('changes colours in values and in image ids, whatever their case', () => {
    expect(recolour({ a: '#5e1668', b: ['pattern:cross-45:#5E1668'] }, symbols.dark_map)).toEqual({ a: '#DDA0EA', b: ['pattern:cross-45:#DDA0EA'] })
  })
  it('leaves light alone', () => {
    expect(recolour('#5E1668', null)).toBe('#5E1668')
  })
})

describe('opacity', () => {
  it('multiplies numbers and expressions and keeps zoom outermost', () => {
    expect(scaled(0.5, 0.5)).toBe(0.25)
    expect(scaled(undefined, 0.5)).toBe(0.5)
    expect(scaled(['get', 'o'], 0.5)).toEqual(['*', 0.5, ['get', 'o']])
    expect(scaled(['interpolate', ['linear'], ['zoom'], 5, 0, 10, 0.8], 0.5)).toEqual(['interpolate', ['linear'], ['zoom'], 5, 0, 10, 0.4])
    expect(scaled(['step', ['zoom'], 0, 12, 1], 0.5)).toEqual(['step', ['zoom'], 0, 12, 0.5])
  })
})
