// What is asked of each layer's tiles beside their place: the filter and the day.
import { computed } from 'vue'
import type { RequestParameters } from 'maplibre-gl'
import { asAsker } from '../api/client'
import { filterOf, view } from '../state/view'

/** Layer → query, for the layers of which something is asked. */
export const questions = computed<Record<string, string>>(() => {
  const found: Record<string, string> = {}
  for (const layer of new Set([...view.on, ...Object.keys(view.filters)])) {
    const query = new URLSearchParams()
    const filter = filterOf(layer)
    if (filter) query.set('filter', filter)
    if (view.day) query.set('as_of', view.day)
    if (query.size) found[layer] = query.toString()
  }
  return found
})

const TILE = /\/tiles\/([a-z][a-z0-9_]*)\/\d+\/\d+\/\d+\.mvt/

/** Puts the question of a layer into the address of its tiles, and tells the server for whom they are. */
export function asking(url: string): RequestParameters {
  const layer = TILE.exec(url)?.[1]
  const question = layer ? questions.value[layer] : undefined
  const told = question ? `${url}${url.includes('?') ? '&' : '?'}${question}` : url
  return forAsker(told)
}

/** No other place is told who asks. */
export const forAsker = (url: string): RequestParameters => ({ url, headers: url.startsWith(`${location.origin}/`) || url.startsWith('/') ? asAsker() : {} })
