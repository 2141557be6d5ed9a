// The address of a view: layers, opacity and the stored check in the query, the camera alone in the hash.
import { pathOf, placeAt, type PageName } from './pages'

export interface Camera {
  zoom: number
  lat: number
  lon: number
}

export interface ViewLink {
  layers: string[] | null // null: the usual ones
  opacity: Record<string, number> // 0..1, only where it differs from 1
  check: string | null
  camera: Camera | null
  page: PageName | null // what lies over the map
  item: string | null // which one of that page
}

const LAYER = /^([a-z][a-z0-9_]*)(?::(\d{1,3}))?$/
const NO_LAYER = '-'

/** Reads an address; what does not fit is left out, never guessed. */
export function parseLink(address: { pathname: string; search: string; hash: string }): ViewLink {
  const query = new URLSearchParams(address.search)
  const opacity: Record<string, number> = {}
  const given = query.get('layers')
  const layers = given === null ? null : given.split(',').flatMap((part) => {
    const match = LAYER.exec(part)
    if (!match) return []
    if (match[2] !== undefined) opacity[match[1]!] = Math.min(100, Number(match[2])) / 100
    return [match[1]!]
  })
  const path = /^\/checks\/([\w-]+)\/?$/.exec(address.pathname)
  const asked = query.get('check')
  const check = path?.[1] ?? (asked && /^[\w-]+$/.test(asked) ? asked : null)
  return { layers, opacity, check, camera: parseCamera(address.hash), ...placeAt(address.pathname) }
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
  if (view.page) return pathOf(view)
  const query: string[] = []
  if (view.check) query.push(`check=${encodeURIComponent(view.check)}`)
  if (view.layers) {
    const parts = view.layers.map((id) => {
      const opacity = view.opacity[id]
      return opacity === undefined || opacity === 1 ? id : `${id}:${Math.round(opacity * 100)}`
    })
    query.push(`layers=${parts.length ? parts.join(',') : NO_LAYER}`)
  }
  const { camera } = view
  const hash = camera ? `#${camera.zoom.toFixed(2)}/${camera.lat.toFixed(5)}/${camera.lon.toFixed(5)}` : ''
  return `/${query.length ? `?${query.join('&')}` : ''}${hash}`
}
