// Shapes of the features that a stored answer names, fetched once each; what may not be seen has none.
import { shallowRef, watch } from 'vue'
import type { Geometry } from 'geojson'
import { api, ApiFailure } from '../api/client'
import type { CheckAnswer, Finding } from '../api/schema'
import { answer } from './check'

const MOST = 40
export const shapes = shallowRef<ReadonlyMap<string, Geometry>>(new Map())

export const shapeKey = (finding: Finding): string | null => {
  const { feature } = finding
  return feature?.id && !feature.hidden ? `${feature.layer ?? finding.layer}/${feature.id}` : null
}

async function fetchShapes(stored: CheckAnswer): Promise<void> {
  const keys = [...new Set(stored.findings.map(shapeKey).filter((key): key is string => key !== null))].slice(0, MOST)
  const found = new Map<string, Geometry>()
  await Promise.all(keys.map(async (key) => {
    const [layer = '', id = ''] = key.split('/')
    try {
      const feature = await api.feature(layer, id, stored.as_of)
      if (feature.geometry) found.set(key, feature.geometry)
    } catch (failure) {
      if (!(failure instanceof ApiFailure)) throw failure // replaced since, or no longer mine to see: shown without shape
    }
  }))
  if (answer.value === stored) shapes.value = found
}

watch(answer, (stored) => {
  shapes.value = new Map()
  if (stored) void fetchShapes(stored)
})
