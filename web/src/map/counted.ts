// Which features of a layer the map draws in the part that is seen: what the table is held against, and what keys walk through.
import type { Map as MapLibre, MapGeoJSONFeature } from 'maplibre-gl'
import { bounds, type Bounds } from '../format/geometry'
import { data } from '../state/catalog'
import { layerOf } from './order'

export function seenBox(map: MapLibre): Bounds {
  const box = map.getBounds()
  return [box.getWest(), box.getSouth(), box.getEast(), box.getNorth()].map((edge) => Number(edge.toFixed(6))) as Bounds
}

const isDrawn = (map: MapLibre, id: string) => map.getLayer(id) && map.getLayoutProperty(id, 'visibility') !== 'none'

/** The style layers of a catalog layer (or of every one) that are on; labels are not counted, for they give way. */
function partsOf(map: MapLibre, layer: string | null): string[] {
  return (data.style?.layers ?? [])
    .filter((one) => (layer ? layerOf(one) === layer : layerOf(one) !== null) && !one.id.endsWith('/label') && isDrawn(map, one.id)).map((one) => one.id)
}

export interface Seen { layer: string; id: string; code: string; name: string; at: [number, number] }

/** Each feature once, from the north-west to the south-east in rows as one reads. */
export function seenFeatures(map: MapLibre, layer: string | null): Seen[] {
  const layers = partsOf(map, layer)
  if (!layers.length) return []
  const [w, s, e, n] = seenBox(map)
  const found = new Map<string, Seen>()
  for (const one of map.queryRenderedFeatures({ layers })) {
    const at = placeOf(one)
    // A mark is drawn beyond the edge of its point: a point outside is not in the part that is seen.
    if (!at || (one.geometry.type === 'Point' && !(at[0] >= w && at[0] <= e && at[1] >= s && at[1] <= n))) continue
    const key = `${one.source}/${one.id}`
    if (!found.has(key)) {
      const { code, name } = one.properties as { code?: string; name?: string }
      found.set(key, { layer: one.source, id: String(one.id), code: code ?? '', name: name ?? code ?? '', at })
    }
  }
  const row = (lat: number) => Math.floor(((n - lat) / (n - s)) * ROWS)
  return [...found.values()].sort((a, b) => row(a.at[1]) - row(b.at[1]) || a.at[0] - b.at[0])
}
const ROWS = 12

function placeOf(feature: MapGeoJSONFeature): [number, number] | null {
  const box = bounds([feature.geometry])
  return box ? [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2] : null
}

/** From which zoom on anything of a layer is drawn, and from which on all of its classes are. */
export function drawnFrom(layer: string): { any: number; all: number } {
  const parts = (data.style?.layers ?? []).filter((one) => layerOf(one) === layer && !one.id.endsWith('/label'))
  const zooms = parts.map((one) => one.minzoom ?? 0)
  return { any: Math.min(...zooms, 24), all: Math.max(...zooms, 0) }
}
