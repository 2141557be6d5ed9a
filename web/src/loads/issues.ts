// Where an issue lies, in longitude and latitude.
import type { Position } from 'geojson'
import type { Issue } from '../api/schema'

export function placeOf({ place }: Issue): Position | null {
  if (!place) return null
  return place.every(Number.isFinite) ? place : null
}
