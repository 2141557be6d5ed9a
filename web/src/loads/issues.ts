// Where an issue lies, in longitude and latitude, however the server tells it.
import type { Position } from 'geojson'
import type { Issue } from '../api/types'

export function placeOf({ place }: Issue): Position | null {
  if (!place) return null
  const at = Array.isArray(place) ? place : place.coordinates
  return at.length >= 2 && at.every(Number.isFinite) ? at : null
}
