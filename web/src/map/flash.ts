// Points at one thing on the map: two flashes, or a steady ring where motion is unwelcome.
import type { Geometry } from 'geojson'
import type { FilterSpecification, GeoJSONSource, LayerSpecification, Map as MapLibre } from 'maplibre-gl'
import { reducedMotion } from '../state/session'
import { OWN, readPalette } from './composition'
import type { MapControl, Pointed } from './control'

const FLASH_MS = 400
const STEADY_MS = 3000
const LIT = ['jt-lit-casing', 'jt-lit-line', 'jt-lit-point']

export function flashing(map: MapLibre): Pick<MapControl, 'flash' | 'lightUp'> {
  let timer = 0
  const show = (what: Pointed | null) => {
    light(map, what?.layer ? { layer: what.layer, featureId: what.featureId ?? null, code: what.code ?? null } : null)
    const shape: Geometry[] = what?.geometry ? [what.geometry] : []
    void (map.getSource(OWN.flash) as GeoJSONSource | undefined)?.setData({
      type: 'FeatureCollection', features: shape.map((geometry) => ({ type: 'Feature', geometry, properties: {} })),
    })
  }
  const flash = (what: Pointed) => {
    window.clearTimeout(timer)
    const steps = reducedMotion() ? [STEADY_MS] : [FLASH_MS, FLASH_MS, FLASH_MS]
    let step = 0
    const next = () => {
      show(step % 2 === 0 ? what : null)
      const wait = steps[step]
      step += 1
      timer = window.setTimeout(wait === undefined ? () => show(null) : next, wait ?? 900)
    }
    next()
  }
  const lightUp = (what: Pointed | null) => {
    window.clearTimeout(timer)
    show(what)
  }
  return { flash, lightUp }
}

/** Rings one feature of a layer where it lies in the tiles, by its id, else by its code. */
function light(map: MapLibre, what: { layer: string; featureId: string | null; code: string | null } | null): void {
  for (const id of LIT) if (map.getLayer(id)) map.removeLayer(id)
  if (!what || (!what.featureId && !what.code)) return
  const source = map.getSource(what.layer)
  if (!source) return
  const palette = readPalette()
  const byId: unknown[] = ['==', ['to-string', ['id']], String(what.featureId)]
  const byCode: unknown[] = ['==', ['to-string', ['get', 'code']], String(what.code)]
  const same = (what.featureId ? byId : byCode) as FilterSpecification
  const from = { source: what.layer, ...(source.type === 'vector' ? { 'source-layer': what.layer } : {}) }
  const layers = [
    { id: LIT[0]!, type: 'line', ...from, filter: same, paint: { 'line-color': palette.surface, 'line-width': 7 } },
    { id: LIT[1]!, type: 'line', ...from, filter: same, paint: { 'line-color': palette.selection, 'line-width': 3.5 } },
    {
      id: LIT[2]!, type: 'circle', ...from, filter: ['all', same, ['==', ['geometry-type'], 'Point']],
      paint: { 'circle-radius': 14, 'circle-opacity': 0, 'circle-stroke-color': palette.selection, 'circle-stroke-width': 3 },
    },
  ]
  for (const layer of layers) map.addLayer(layer as LayerSpecification)
}
