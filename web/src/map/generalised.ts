// Layers of which the tiles that are seen say that they show one point for many: a tile of too much is drawn simplified.
import type { Map as MapLibre } from 'maplibre-gl'
import { shallowRef } from 'vue'
import { order } from '../state/view'

/** From top to bottom, as they are drawn. */
export const generalised = shallowRef<string[]>([])

export function lookForGeneralised(map: MapLibre): void {
  const found = order.value.filter((layer) => map.getSource(layer)
    && map.querySourceFeatures(layer, { sourceLayer: layer, filter: ['==', ['get', '_generalised'], true] }).length > 0)
  if (found.join() !== generalised.value.join()) generalised.value = found
}
