// The attributes of a feature as rows of title and value: the catalog's order, choices by their labels, units at the end.
import type { FoundFeature, LayerField, LegendClass } from '../api/schema'
import { number } from '../format/numbers'
import { comma, language, say } from '../i18n'
import { classesOf, countyName, layers, layerTitle } from '../state/catalog'

export interface FieldRow { title: string; value: string }

export function shown(value: unknown, field: LayerField | undefined): string {
  if (value === null || value === undefined || value === '') return ''
  if (typeof value === 'boolean') return say(value ? 'ask.yes' : 'ask.no')
  const label = field?.choices?.[String(value)]
  if (label) return label
  if (typeof value === 'string' && layers.value.has(value)) return layerTitle(value) // a record names the list it is on
  const unit = field?.unit ? ` ${field.unit}` : ''
  if (typeof value === 'number') return (Number.isInteger(value) ? String(value) : number(value, 2)) + unit
  if (Array.isArray(value)) return value.map(plain).join(comma())
  return plain(value) + unit
}

/** A row of a table within a record: its values, since its columns have no titles. */
const plain = (value: unknown): string => (typeof value === 'object' && value ? Object.values(value).map(plain).filter(Boolean).join(' ') : String(value ?? ''))

/** Only what the catalog names for the asker, and only what is filled in. */
export function fieldRows({ layer, county: code, properties }: FoundFeature): FieldRow[] {
  const fields = layers.value.get(layer)?.fields ?? []
  const rows = fields.filter((field) => field.id !== 'county').map((field) => ({
    title: language() === 'en' && field.title_en ? field.title_en : field.title, value: shown(properties[field.id], field),
  }))
  const county = code ? [{ title: say('identify.county'), value: countyName(code) }] : []
  const edge = properties.has_boundary === false && !fields.some((f) => f.id === 'has_boundary') ? [{ title: '', value: say('identify.noBoundary') }] : []
  return [...county, ...rows.filter((row) => row.value), ...edge]
}

/** The legend class of a feature: the one whose value is among its attributes, or begins its code; else the first. */
export function classOf({ layer, properties }: FoundFeature): LegendClass | undefined {
  const classes = classesOf.value.get(layer) ?? []
  const values = Object.values(properties).map(String)
  const same = classes.find(({ value }) => value !== null && values.includes(value))
  return same ?? classes.find(({ value }) => !!value && String(properties.code ?? '').startsWith(value)) ?? classes[0]
}
