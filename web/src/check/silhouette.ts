// The outline of a parcel as a small drawing: north up, widths true to the latitude.
import type { Geometry } from 'geojson'
import type { ParcelGeometry } from '../api/schema'
import type { CheckRequest } from './request'
import { bounds } from '../format/geometry'

function geometryOf(parcel: CheckRequest['parcel']): ParcelGeometry | null {
  if ('parcel_no' in parcel) return null
  return parcel.type === 'Feature' ? parcel.geometry : parcel
}

/** An SVG path inside width × height, or a plain frame for a parcel known by number only. */
export function silhouette(parcel: CheckRequest['parcel'], width: number, height: number, margin = 3): string {
  const geometry = geometryOf(parcel)
  const box = geometry && bounds([geometry as Geometry])
  if (!geometry || !box) return `M${margin + 4} ${margin + 2}h${width - 2 * margin - 8}v${height - 2 * margin - 4}h${-(width - 2 * margin - 8)}z`
  const [w, s, e, n] = box
  const squeeze = Math.cos((((s + n) / 2) * Math.PI) / 180)
  const scale = Math.min((width - 2 * margin) / Math.max((e - w) * squeeze, 1e-9), (height - 2 * margin) / Math.max(n - s, 1e-9))
  const x = (lon: number) => (width / 2 + (lon - (w + e) / 2) * squeeze * scale).toFixed(1)
  const y = (lat: number) => (height / 2 - (lat - (s + n) / 2) * scale).toFixed(1)
  const polygons = geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates
  return polygons.flat().map((ring) => `M${ring.map(([lon = 0, lat = 0]) => `${x(lon)} ${y(lat)}`).join('L')}z`).join('')
}
