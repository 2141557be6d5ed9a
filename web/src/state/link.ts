// The address of a view: its page in the path, all that is shown in the query, the camera alone in the hash.
import { isDay, OPERATIONS, type Condition, type Operation } from '../format/cql'
import { today } from '../share/today'
import { decoded, pathOf, placeAt, type PageName } from './pages'

export interface Camera {
  zoom: number
  lat: number
  lon: number
}

/** One feature, by layer and id. */
export interface Chosen {
  layer: string
  id: string
}

export interface ViewLink {
  layers: string[] | null // null: the usual ones
  opacity: Record<string, number> // 0..1, only where it differs from 1
  order: string[] | null // from top to bottom; null: as the style has it
  off: Record<string, string[]> // classes of a layer that are switched off; `*` is the one without a value
  filters: Record<string, Condition[]>
  day: string | null // null: today
  chosen: Chosen | null
  table: string | null
  check: string | null
  camera: Camera | null
  page: PageName | null // what lies over the map
  item: string | null // which one of that page
}

export const NOTHING: ViewLink = {
  layers: null, opacity: {}, order: null, off: {}, filters: {}, day: null, chosen: null, table: null, check: null, camera: null, page: null, item: null,
}

/** What is on is seen: a layer is never so faint that its ground looks empty. */
export const FAINTEST = 0.1

const NAME = /^[a-z][a-z0-9_]*$/
const LAYER = /^([a-z][a-z0-9_]*)(?::(\d{1,3}))?$/
const NO_LAYER = '-'
const FILTER = 'f.'

/** Reads an address; what does not fit is left out, never guessed. */
export function parseLink(address: { pathname: string; search: string; hash: string }): ViewLink {
  const query = new URLSearchParams(address.search)
  const opacity: Record<string, number> = {}
  const given = query.get('layers')
  const layers = given === null ? null : given.split(',').flatMap((part) => {
    const match = LAYER.exec(part)
    if (!match) return []
    if (match[2] !== undefined) opacity[match[1]!] = Math.min(100, Math.max(FAINTEST * 100, Number(match[2]))) / 100
    return [match[1]!]
  })
  const path = /^\/checks\/([\w-]+)\/?$/.exec(address.pathname)
  const asked = query.get('check')
  const day = query.get('as_of')
  const table = query.get('table')
  const chosen = /^([a-z][a-z0-9_]*)\/(\d{1,19})$/.exec(query.get('at') ?? '')
  return {
    layers, opacity,
    order: query.get('order')?.split(',').filter((id) => NAME.test(id)) ?? null,
    off: parseOff(query.get('off')),
    filters: Object.fromEntries([...query].flatMap(([key, text]) => {
      const layer = key.startsWith(FILTER) ? key.slice(FILTER.length) : ''
      const conditions = NAME.test(layer) ? parseConditions(text) : []
      return conditions.length ? [[layer, conditions]] : []
    })),
    day: day && isDay(day) && day <= today() ? day : null, // of a day to come nothing is known
    chosen: chosen ? { layer: chosen[1]!, id: chosen[2]! } : null,
    table: table && NAME.test(table) ? table : null,
    check: path?.[1] ?? (asked && /^[\w-]+$/.test(asked) ? asked : null),
    camera: parseCamera(address.hash),
    ...placeAt(address.pathname),
  }
}

/** A text of data within the query: written once more, so that the signs between texts are told from those in them. */
const inner = (text: string) => encodeURIComponent(encodeURIComponent(text))

function parseOff(text: string | null): Record<string, string[]> {
  return Object.fromEntries((text ?? '').split(',').flatMap((part) => {
    const [layer = '', ...values] = part.split(':')
    const classes = values.map(decoded).filter((one): one is string => !!one)
    return NAME.test(layer) && classes.length ? [[layer, classes]] : []
  }))
}

function parseConditions(text: string): Condition[] {
  return text.split(';').flatMap((part) => {
    const [field = '', op = '', value = ''] = part.split(':')
    const said = decoded(value)
    if (!NAME.test(field) || !OPERATIONS.includes(op as Operation) || said === null) return []
    return [{ field, op: op as Operation, value: said }]
  })
}

function parseCamera(hash: string): Camera | null {
  const match = /^#(-?[\d.]+)\/(-?[\d.]+)\/(-?[\d.]+)$/.exec(hash)
  if (!match) return null
  const [zoom, lat, lon] = match.slice(1).map(Number) as [number, number, number]
  const inside = zoom >= 0 && zoom <= 24 && Math.abs(lat) <= 90 && Math.abs(lon) <= 180
  return inside ? { zoom, lat, lon } : null
}

/** Writes the address; the parcel itself never stands in it, only the id of its check. */
export function formatLink(view: ViewLink): string {
  // Every other page stands alone; the card of a site lies over its map.
  if (view.page && view.page !== 'sites') return pathOf(view)
  const query: string[] = []
  if (view.check) query.push(`check=${encodeURIComponent(view.check)}`)
  if (view.layers) {
    const parts = view.layers.map((id) => {
      const opacity = view.opacity[id]
      return opacity === undefined || opacity === 1 ? id : `${id}:${Math.round(opacity * 100)}`
    })
    query.push(`layers=${parts.length ? parts.join(',') : NO_LAYER}`)
  }
  if (view.order) query.push(`order=${view.order.join(',')}`)
  const off = Object.entries(view.off).filter(([, values]) => values.length)
  if (off.length) query.push(`off=${off.map(([layer, values]) => [layer, ...values.map(inner)].join(':')).join(',')}`)
  for (const [layer, conditions] of Object.entries(view.filters)) {
    if (conditions.length) query.push(`${FILTER}${layer}=${conditions.map(({ field, op, value }) => `${field}:${op}:${inner(value)}`).join(';')}`)
  }
  if (view.day) query.push(`as_of=${view.day}`)
  if (view.table) query.push(`table=${view.table}`)
  if (view.chosen) query.push(`at=${view.chosen.layer}/${view.chosen.id}`)
  const { camera } = view
  const hash = camera ? `#${camera.zoom.toFixed(2)}/${camera.lat.toFixed(5)}/${camera.lon.toFixed(5)}` : ''
  return `${pathOf(view)}${query.length ? `?${query.join('&')}` : ''}${hash}`
}
