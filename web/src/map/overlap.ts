// The part of the parcel that findings overlap, for the eye alone: the measured numbers come from the server.
import polygonClipping from 'polygon-clipping'
import type { Geometry, MultiPolygon } from 'geojson'
import type { ParcelGeometry } from '../api/schema'

type Rings = [number, number][][][]

const isArea = (geometry: Geometry): geometry is ParcelGeometry => geometry.type === 'Polygon' || geometry.type === 'MultiPolygon'
const rings = (geometry: ParcelGeometry): Rings =>
  (geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates) as unknown as Rings

/** What of the features lies inside the parcel, joined; null where nothing does. */
export function overlapOf(parcel: ParcelGeometry, features: Geometry[]): MultiPolygon | null {
  const areas = features.filter(isArea).map(rings)
  const [first, ...rest] = areas
  if (!first) return null
  const found = polygonClipping.intersection(rings(parcel), polygonClipping.union(first, ...rest))
  return found.length ? { type: 'MultiPolygon', coordinates: found } : null
}
