// A sheet of the map as it is seen now: what the server is asked to draw, and the scales that it is drawn at.
import type { MapBody as SheetRequest } from '../api/schema'
import { data, layers } from '../state/catalog'
import { filterOf, order, view } from '../state/view'

export const SCALES = [500, 1000, 2000, 5000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000]
const METRES_PER_PX = 0.0254 / 96 // of a CSS pixel on paper
const EQUATOR_M = 2 * Math.PI * 6378137

/** The denominator at which the screen shows the map. */
export function scaleAt(zoom: number, lat: number): number {
  return (Math.cos((lat * Math.PI) / 180) * EQUATOR_M) / (512 * 2 ** zoom) / METRES_PER_PX
}

/** The round scale at which no less ground is seen than now. */
export function roundScale(scale: number): number {
  return SCALES.find((one) => one >= scale * 0.95) ?? SCALES.at(-1)!
}

/** The middle of the region and the scale at which all of it is seen, where no map says otherwise. */
export function wholeRegion(): { centre: [number, number]; scale: number } {
  const [w, s, e, n] = data.catalog?.region.extent ?? [85, 42.5, 92, 46]
  return { centre: [(w + e) / 2, (s + n) / 2], scale: 2_500_000 }
}

export function sheetOf(chosen: Pick<SheetRequest, 'centre' | 'scale' | 'paper' | 'upright' | 'title' | 'format'>): SheetRequest & { ordered: boolean } {
  const shown = order.value.filter((id) => !layers.value.get(id)?.geometry.includes('raster'))
  return {
    ...chosen, ordered: view.order !== null, as_of: view.day,
    layers: shown.map((id) => ({ id, filter: filterOf(id), off: view.off[id] ?? [] })),
  }
}
