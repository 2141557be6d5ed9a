// Keeps the map at what is switched on: visibility, opacity, and the counties whose data are missing.
import type { FilterSpecification, Map as MapLibre } from 'maplibre-gl'
import { watch } from 'vue'
import { classesOf, data, layers, layerTitle } from '../state/catalog'
import { check } from '../state/check'
import { language, say } from '../i18n'
import { unknownOf } from '../state/unknown'
import { REST, view } from '../state/view'
import { DIMMED, opacityPaint, symbolsOf } from './composition'
import { classFilter, layerOf } from './order'

/** Layers that the style holds: those that were switched on at any time. */
export const wanted = new Set<string>()

/** `missing` is called when a layer is switched on that the style does not hold yet. Returns what to do after a new style. */
export function followShown(map: MapLibre, missing: () => void): () => void {
  const apply = () => {
    if (!data.style) return
    const { by } = symbolsOf(data.style)
    const underCheck = ['preview', 'ask', 'waiting', 'answer'].includes(check.step)
    for (const layer of data.style.layers) {
      const id = layerOf(layer)
      if (!id || !map.getLayer(layer.id)) continue
      map.setLayoutProperty(layer.id, 'visibility', view.on.has(id) ? 'visible' : 'none')
      map.setFilter(layer.id, shownClasses(id, by[id], 'filter' in layer ? layer.filter : undefined))
      const dim = underCheck && DIMMED.has(id) && layer.type === 'fill' ? 0.5 : 1
      const factor = (view.opacity[id] ?? 1) * dim
      for (const [name, value] of opacityPaint(layer, factor)) {
        map.setPaintProperty(layer.id, name as 'fill-opacity', value as number)
      }
    }
    showGaps(map)
  }
  watch(() => [view.on, view.opacity, view.off, check.step, language()], () => {
    if ([...view.on].some((id) => !wanted.has(id))) missing()
    else apply()
  }, { deep: true })
  return apply
}

/** The style's own filter, less the classes that are off. */
function shownClasses(id: string, by: unknown, own: FilterSpecification | undefined): FilterSpecification | null {
  const named = (classesOf.value.get(id) ?? []).flatMap((one) => one.value ?? [])
  const less = by && view.off[id] ? classFilter(by, view.off[id], named, REST) : null
  if (!less) return own ?? null
  return (own ? ['all', own, less] : less) as FilterSpecification
}

/** Counties of which a layer that is switched on says nothing: striped, and named with the reason. */
function showGaps(map: MapLibre): void {
  if (!map.getLayer('jt-gap')) return
  const on = [...view.on].flatMap((id) => layers.value.get(id) ?? [])
  const unknown = (data.catalog?.counties ?? []).map(({ code, name }) => ({ code, name, ...unknownOf(on, [code]) })).filter(({ never, hidden }) => never.length || hidden.length)
  const striped: unknown = unknown.length ? ['in', ['get', 'county'], ['literal', unknown.map(({ code }) => code)]] : ['boolean', false]
  map.setFilter('jt-gap', striped as FilterSpecification)
  if (!map.getLayer('jt-gap-label')) return
  // Label points carry the county's name, not its code.
  const texts = unknown.flatMap(({ name, never, hidden }) => [name, [gapText('layers.missingLabel', never), hidden.length ? say('layers.hiddenLabel', { n: hidden.length }) : ''].filter(Boolean).join('\n')])
  const text: unknown = texts.length ? ['match', ['get', 'label'], ...texts, ''] : ''
  map.setLayoutProperty('jt-gap-label', 'text-field', text as string)
}

function gapText(key: string, ids: string[]): string {
  if (!ids.length) return ''
  const title = layerTitle(ids[0]!)
  return say(key, { list: ids.length > 1 ? say('layers.andMore', { title, n: ids.length }) : title })
}
