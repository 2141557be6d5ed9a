// Pasted coordinates are understood, or refused with their line; never guessed.
import { describe, expect, it } from 'vitest'
import { understandPaste } from '../src/check/pasted'

describe('pasted text', () => {
  it('goes to the server as it is when it is a whole file', () => {
    const text = '[属性描述]\n带号=29\n[地块坐标]\n3,1,DK,名,面,,,,@\nJ1,1,4876500,29524050'
    expect(understandPaste(text)).toEqual({ kind: 'text', text })
  })
  it('becomes one plot when it is bare points, with the zone that stands in Y', () => {
    const made = understandPaste('J1,1,4876500.125,29524570.000\nJ2,1,4876500.125,29524770.000\nJ3,1,4876350.000,29524770.000')
    expect(made).toMatchObject({ kind: 'text' })
    const lines = (made as { text: string }).text.split('\n')
    expect(lines).toContain('带号=29')
    expect(lines.slice(-4)).toEqual(['3,,1,粘贴的坐标,面,,,,@', 'J1,1,4876500.125,29524570.000', 'J2,1,4876500.125,29524770.000', 'J3,1,4876350.000,29524770.000'])
  })
  it('names points that have no name, and leaves an unknown zone open', () => {
    const { text } = understandPaste('4876500 524570\n4876500 524770\n4876350 524770') as { text: string }
    expect(text).toContain('J3,1,4876350,524770')
    expect(text).not.toContain('带号')
  })
  it('becomes a closed shape when it is longitudes and latitudes', () => {
    expect(understandPaste('87.30, 44.01\n87.31，44.01\n87.31, 44.02')).toEqual({
      kind: 'shape', shape: { type: 'Polygon', coordinates: [[[87.3, 44.01], [87.31, 44.01], [87.31, 44.02], [87.3, 44.01]]] },
    })
  })
  it('keeps the rings apart that its second column tells', () => {
    const ring = (number: number, ...at: string[]) => at.map((one, i) => `J${i + 1},${number},${one}`)
    const outer = ring(1, '87.30,44.01', '87.34,44.01', '87.34,44.05')
    const pasted = [...outer, ...ring(2, '87.32,44.015', '87.33,44.015', '87.33,44.025')].join('\n')
    expect(understandPaste(pasted)).toEqual({
      kind: 'shape', shape: { type: 'Polygon', coordinates: [
        [[87.3, 44.01], [87.34, 44.01], [87.34, 44.05], [87.3, 44.01]], [[87.32, 44.015], [87.33, 44.015], [87.33, 44.025], [87.32, 44.015]],
      ] },
    })
    expect(understandPaste([...outer, ...ring(2, '87.32,44.015', '87.33,44.015')].join('\n'))).toEqual({ kind: 'fault', row: 5, code: 'few' })
  })
  it('tells zones of 6 degrees from those of 3 by their number', () => {
    const { text } = understandPaste('4876500 15524570\n4876500 15524770\n4876350 15524770') as { text: string }
    expect(text.split('\n')).toEqual(expect.arrayContaining(['几度分带=6', '带号=15']))
  })
  it('is refused with its line when it could mean two things or nothing', () => {
    expect(understandPaste('44.01,87.30\n44.01,87.31\n44.02,87.31')).toEqual({ kind: 'fault', row: 1, code: 'order' })
    expect(understandPaste('87.30,44.01\n\n4876500,29524570\n87.31,44.02')).toEqual({ kind: 'fault', row: 3, code: 'mixed' })
    expect(understandPaste('87.30,44.01\nabc\n')).toEqual({ kind: 'fault', row: 2, code: 'columns' })
    expect(understandPaste('87.30,44.01\n87.31,44.01')).toMatchObject({ code: 'few' })
    expect(understandPaste('\n87.30,44.01\n87.31,44.02\n87.31,44.01\n87.30,44.02')).toEqual({ kind: 'fault', row: 2, code: 'crossing' })
    expect(understandPaste('87.30,44.01\n87.31,44.01\n87.31,44.02\n87.30,44.02\n87.30,44.01')).toMatchObject({ kind: 'shape' })
  })
})
