// Conditions on the fields of a layer, as people choose them, and the CQL2 text that asks for them (docs/filters.md).
import type { LayerField } from '../api/schema'

export const OPERATIONS = ['is', 'not', 'has', 'least', 'most', 'empty', 'filled'] as const
export type Operation = (typeof OPERATIONS)[number]

export interface Condition {
  field: string
  op: Operation
  value: string
}

type Asked = Pick<LayerField, 'id' | 'type'>
const COUNTY: Asked = { id: 'county', type: 'code' }
const BARE: Operation[] = ['empty', 'filled']

/** What may be asked of a field of this type; nothing of lists and tables. */
export function operationsOf(type: string): Operation[] {
  if (type === 'list' || type === 'table') return []
  if (type === 'choice' || type === 'bool' || type === 'code') return ['is', 'not', ...BARE]
  if (type === 'number' || type === 'integer' || type === 'date') return ['is', 'least', 'most', ...BARE]
  return ['has', 'is', 'not', ...BARE]
}

/** A day of the calendar: the server refuses 02-30, and a map that is refused is blank. */
export const isDay = (text: string): boolean => /^\d{4}-\d{2}-\d{2}$/.test(text) && new Date(`${text}T00:00Z`).toJSON()?.startsWith(text) === true

const quoted = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`
const pattern = (text: string) => quoted(`%${text.replace(/[\\%_]/g, '\\$&')}%`)

function literal(value: string, type: string): string | null {
  if (type === 'number' || type === 'integer') return /^-?\d+(\.\d+)?$/.test(value) ? value : null
  if (type === 'date') return isDay(value) ? `DATE('${value}')` : null
  if (type === 'bool') return value === 'true' || value === 'false' ? value.toUpperCase() : null
  return quoted(value)
}

function said({ field, op, value }: Condition, type: string): string | null {
  if (op === 'empty') return `${field} IS NULL`
  if (op === 'filled') return `${field} IS NOT NULL`
  if (op === 'has') return value ? `CASEI(${field}) LIKE CASEI(${pattern(value)})` : null
  const given = literal(value, type)
  if (given === null) return null
  return `${field} ${{ is: '=', not: '<>', least: '>=', most: '<=' }[op]} ${given}`
}

/** The filter of a layer, or null where nothing is asked: all must hold, of several `is` of one field any. */
export function filterText(conditions: readonly Condition[], fields: readonly Asked[], words = ''): string | null {
  const known = new Map([COUNTY, ...fields].map((field) => [field.id, field]))
  const any = new Map<string, string[]>()
  for (const condition of conditions) {
    const field = known.get(condition.field)
    const text = field && operationsOf(field.type).includes(condition.op) ? said(condition, field.type) : null
    if (text === null) continue
    const key = condition.op === 'is' ? condition.field : text
    any.set(key, [...(any.get(key) ?? []), text])
  }
  const all = [...any.values()].map((texts) => (texts.length > 1 ? `(${texts.join(' OR ')})` : texts[0]!))
  const sought = words.trim()
  if (sought) all.push(`(CASEI(name) LIKE CASEI(${pattern(sought)}) OR CASEI(code) LIKE CASEI(${pattern(sought)}))`)
  return all.length ? all.join(' AND ') : null
}
