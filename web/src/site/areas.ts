// The boundaries of a site, each once: the lists it stands on may have drawn it differently, and each is a question of its own.
import type { FoundFeature, ParcelGeometry } from '../api/schema'

export interface Area { shape: ParcelGeometry; layer: string }

export function areasOf(rows: readonly Pick<FoundFeature, 'geometry' | 'layer'>[]): Area[] {
  const found = new Map<string, Area>()
  for (const { geometry, layer } of rows) {
    if (geometry?.type !== 'Polygon' && geometry?.type !== 'MultiPolygon') continue
    const key = JSON.stringify(geometry)
    if (!found.has(key)) found.set(key, { shape: geometry as ParcelGeometry, layer })
  }
  return [...found.values()]
}
