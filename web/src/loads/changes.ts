// What a release changes, summed up: by layer for the sentence that people read before they publish, by county beneath.
import type { CountyChange, LayerChange } from '../api/schema'

export interface LayerSum { layer: string; added: number; changed: number; removed: number; counties: [county: string, change: CountyChange][] }

export function sumChanges(changes: readonly LayerChange[]): LayerSum[] {
  const byLayer = new Map<string, Map<string, CountyChange>>()
  for (const { layer, by_county } of changes) {
    const counties = byLayer.get(layer) ?? new Map<string, CountyChange>()
    for (const [county, change] of Object.entries(by_county)) {
      const before = counties.get(county)
      counties.set(county, before ? added(before, change) : change)
    }
    byLayer.set(layer, counties)
  }
  return [...byLayer].map(([layer, counties]) => {
    const total = (key: 'added' | 'changed' | 'removed') => [...counties.values()].reduce((sum, one) => sum + one[key], 0)
    return { layer, added: total('added'), changed: total('changed'), removed: total('removed'), counties: [...counties].filter(([, one]) => one.added || one.changed || one.removed) }
  })
}

const added = (a: CountyChange, b: CountyChange): CountyChange => ({
  added: a.added + b.added, changed: a.changed + b.changed, removed: a.removed + b.removed, area_gained_m2: a.area_gained_m2 + b.area_gained_m2, area_lost_m2: a.area_lost_m2 + b.area_lost_m2,
})
