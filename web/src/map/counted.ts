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
    // Marks and lines are drawn beyond their place: what is seen of them need not lie in the part that is seen.
    if (!at || !reaches(one, [w, s, e, n])) continue
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

/** What is drawn over a place, or as near to it as a hand aims, though it covers none: marks, also those that stand for areas, and lines. */
export function marksAt(map: MapLibre, at: [number, number]): Pick<Seen, 'layer' | 'id'>[] {
  const { x, y } = map.project(at)
  const found = map.queryRenderedFeatures([[x - REACH_PX, y - REACH_PX], [x + REACH_PX, y + REACH_PX]], { layers: partsOf(map, null) })
    .filter((one) => !one.geometry.type.endsWith('Polygon'))
  return [...new Map(found.map((one) => [`${one.source}/${one.id}`, { layer: one.source, id: String(one.id) }])).values()]
}
const REACH_PX = 3

/** Areas are asked by what fills them, which is there for each (tiles/style.py) and found by its shape alone. */
function reaches({ geometry, layer }: MapGeoJSONFeature, box: Bounds): boolean {
  if (geometry.type === 'Point') return meets([geometry.coordinates], box)
  if (geometry.type === 'MultiPoint') return meets(geometry.coordinates, box)
  if (geometry.type === 'LineString') return meets(geometry.coordinates, box)
  if (geometry.type === 'MultiLineString') return geometry.coordinates.some((line) => meets(line, box))
  return layer.type === 'fill'
}

/** Whether a line, or a single point, has anything in the box: each piece is cut to it (Liang and Barsky). */
export function meets(line: number[][], [w, s, e, n]: Bounds): boolean {
  return line.some(([x1 = 0, y1 = 0], i) => {
    const [x2 = x1, y2 = y1] = line[i + 1] ?? []
    let [from, to] = [0, 1]
    for (const [step, room] of [[x1 - x2, x1 - w], [x2 - x1, e - x1], [y1 - y2, y1 - s], [y2 - y1, n - y1]] as const) {
      if (step === 0 ? room < 0 : step < 0 ? (from = Math.max(from, room / step)) > to : (to = Math.min(to, room / step)) < from) return false
    }
    return true
  })
}

function placeOf(feature: MapGeoJSONFeature): [number, number] | null {
  const box = bounds([feature.geometry])
  return box ? [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2] : null
}

/** From which zoom on anything of a layer is drawn, and from which on all of its classes are. */
export function drawnFrom(layer: string): { any: number; all: number } {
  const parts = (data.style?.layers ?? []).filter((one) => layerOf(one) === layer && !one.id.endsWith('/label'))
  // Every class of a layer that has marks has one: areas and lines come beside it.
  const marks = parts.filter((one) => one.type === 'symbol')
  const zooms = (of: typeof parts) => of.map((one) => one.minzoom ?? 0)
  return { any: Math.min(...zooms(parts), 24), all: Math.max(...zooms(marks.length ? marks : parts), 0) }
}
