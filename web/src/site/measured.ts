// Monitoring results near a site: points of any layer with a table of them, as series by substance.
import { api } from '../api/client'
import type { FoundFeature } from '../api/schema'
import type { Bounds } from '../format/geometry'
import { layers } from '../state/catalog'

export interface Measure { point: string; substance: string; unit: string; date: string; value: number }

const NEAR_M = 300
const METRES_A_DEGREE = 110_500 // less than the shortest degree of latitude: the box is never too small

/** Rows of a feature's tables that say what was measured when; others are left out. */
export function measuresOf(feature: FoundFeature): Measure[] {
  const rows = Object.values(feature.properties).flatMap((value) => (Array.isArray(value) ? (value as unknown[]) : []))
  return rows.flatMap((row) => {
    const { date, substance, value, unit } = (row ?? {}) as Record<string, unknown>
    if (typeof date !== 'string' || typeof substance !== 'string' || typeof value !== 'number') return []
    return [{ point: feature.name ?? feature.code ?? feature.id, substance, unit: typeof unit === 'string' ? unit : '', date, value }]
  })
}

export async function readMeasures([w, s, e, n]: Bounds, day: string | null): Promise<Measure[]> {
  const up = NEAR_M / METRES_A_DEGREE
  const across = up / Math.cos((n * Math.PI) / 180)
  const query = new URLSearchParams({ limit: '200', filter: `S_INTERSECTS(geometry, BBOX(${[w - across, s - up, e + across, n + up].map((x) => x.toFixed(7)).join(', ')}))` })
  if (day) query.set('datetime', day)
  const asked = [...layers.value.values()].filter((layer) => layer.visible && layer.geometry.includes('Point') && layer.fields.some((field) => field.type === 'table'))
  const pages = await Promise.all(asked.map((layer) => api.items(layer.id, query)))
  return pages.flatMap((page) => page.features.flatMap(measuresOf)).sort((a, b) => a.date.localeCompare(b.date))
}
