// What of a drawn line or point lies in the part of the map that is seen, and from which zoom on a layer is complete.
import { describe, expect, it } from 'vitest'
import type { StyleSpecification } from 'maplibre-gl'
import { drawnFrom, meets } from '../src/map/counted'
import { data } from '../src/state/catalog'

const BOX = [0, 0, 10, 10] as const

describe('what lies in the view', () => {
  it('takes points with the edge, and not one beyond it', () => {
    expect([[5, 5], [0, 10], [10.1, 5], [5, -0.1]].map((point) => meets([point], [...BOX]))).toEqual([true, true, false, false])
  })
  it('takes a line that crosses without a vertex within, and none that passes a corner', () => {
    expect(meets([[-5, 5], [15, 5]], [...BOX])).toBe(true)
    expect(meets([[-5, 12], [5, 9]], [...BOX])).toBe(true)
    expect(meets([[-1, 5], [5, 12]], [...BOX])).toBe(true)
    expect(meets([[-3, 8], [3, 14]], [...BOX])).toBe(false)
    expect(meets([[11, 0], [11, 10], [20, 10]], [...BOX])).toBe(false)
  })
})

describe('from where on a layer is drawn', () => {
  const part = (name: string, type: string, minzoom: number) => ({ id: `a/${name}`, type, minzoom, source: 'a', metadata: { jingtu_layer: 'a' } })
  const of = (...layers: object[]) => { data.style = { version: 8, sources: {}, layers } as unknown as StyleSpecification; return drawnFrom('a') }
  it('is where its marks are, whatever its areas and labels wait for', () => {
    expect(of(part('all/line', 'line', 5), part('removed/line', 'line', 8), part('all/mark', 'symbol', 0), part('all/label', 'symbol', 12))).toEqual({ any: 0, all: 0 })
  })
  it('is without marks where the last of its classes is drawn', () => {
    expect(of(part('core/fill', 'fill', 5), part('all/line', 'line', 8))).toEqual({ any: 5, all: 8 })
  })
})
