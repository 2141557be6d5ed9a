// What people choose becomes CQL2 as docs/filters.md writes it; nothing they type can become more than a value.
import { describe, expect, it } from 'vitest'
import type { LayerField } from '../src/api/schema'
import { filterText, type Condition } from '../src/format/cql'

const fields: Pick<LayerField, 'id' | 'type'>[] = [
  { id: 'name', type: 'text' }, { id: 'risk_grade', type: 'choice' }, { id: 'depth_m', type: 'number' },
  { id: 'entry_date', type: 'date' }, { id: 'targets_met', type: 'bool' }, { id: 'results', type: 'table' },
]
const one = (field: string, op: Condition['op'], value = '') => filterText([{ field, op, value }], fields)

describe('the filter of a layer', () => {
  it('is nothing where nothing is asked', () => {
    expect(filterText([], fields)).toBeNull()
    expect(filterText([], fields, '  ')).toBeNull()
  })
  it('writes each kind of value as the grammar has it', () => {
    expect(one('depth_m', 'least', '12.5')).toBe('depth_m >= 12.5')
    expect(one('entry_date', 'most', '2020-01-01')).toBe("entry_date <= DATE('2020-01-01')")
    expect(one('targets_met', 'is', 'true')).toBe('targets_met = TRUE')
    expect(one('risk_grade', 'not', 'high')).toBe("risk_grade <> 'high'")
    expect(one('name', 'filled')).toBe('name IS NOT NULL')
    expect(one('county', 'is', '652301')).toBe("county = '652301'")
  })
  it('takes several values of one field as any of them, and all fields together', () => {
    const both = filterText([
      { field: 'risk_grade', op: 'is', value: 'high' }, { field: 'depth_m', op: 'most', value: '9' }, { field: 'risk_grade', op: 'is', value: 'low' },
    ], fields)
    expect(both).toBe("(risk_grade = 'high' OR risk_grade = 'low') AND depth_m <= 9")
  })
  it('keeps quotes, backslashes and the signs of patterns as what they are', () => {
    expect(one('name', 'is', "O'x\\")).toBe("name = 'O''x\\\\'")
    expect(one('name', 'has', '50%_')).toBe("CASEI(name) LIKE CASEI('%50\\\\%\\\\_%')")
  })
  it('leaves out what is no field, no value of it, or cannot be asked', () => {
    expect(one('depth_m', 'is', '1 OR TRUE')).toBeNull()
    expect(one('entry_date', 'is', 'today')).toBeNull()
    expect(one('results', 'filled')).toBeNull()
    expect(one('secret', 'filled')).toBeNull()
  })
})
