// What is not known of some ground: which layers say nothing of it, and why. A blank map and an empty list mean nothing without it.
import type { CatalogLayer } from '../api/schema'
import { comma, say } from '../i18n'
import { countyName, lacks, layerTitle } from './catalog'

const REASONS = ['never', 'hidden', 'outdated', 'unlocated'] as const
export type Unknown = Record<(typeof REASONS)[number], string[]> & { records: number }

/** `counties`: of the ground that is meant. A layer that one may not see at all is hidden everywhere. */
export function unknownOf(list: Iterable<CatalogLayer>, counties: readonly string[]): Unknown {
  const found: Unknown = { never: [], hidden: [], outdated: [], unlocated: [], records: 0 }
  for (const layer of list) {
    if (layer.role !== 'restriction') continue
    const { never, hidden, outdated } = lacks(layer)
    const meant = (codes: string[]) => codes.some((code) => counties.includes(code))
    if (meant(never)) found.never.push(layer.id)
    else if (!layer.visible || meant(hidden)) found.hidden.push(layer.id)
    else if (meant(outdated)) found.outdated.push(layer.id)
    const records = layer.coverage.filter((one) => counties.includes(one.county ?? '')).reduce((sum, one) => sum + (one.unlocated ?? 0), 0)
    if (records) found.unlocated.push(layer.id)
    found.records += records
  }
  return found
}

const NAMED = 3
export function namesOf(ids: readonly string[]): string {
  const names = ids.slice(0, NAMED).map(layerTitle).join(comma())
  return ids.length > NAMED ? say('layers.andMore', { title: names, n: ids.length }) : names
}

/** In words, a line for each reason. */
export function unknownLines(unknown: Unknown): string[] {
  return REASONS.flatMap((reason) => (unknown[reason].length
    ? [say(`unknown.${reason}`, { list: namesOf(unknown[reason]), n: unknown.records })] : []))
}

/** What a list of one layer leaves out, in words: the counties of which it says nothing, and why. */
export function leftOut(layer: CatalogLayer, counties: readonly string[]): string[] {
  const lacking = lacks(layer)
  return REASONS.flatMap((reason) => {
    const names = reason === 'unlocated' ? [] : lacking[reason].filter((code) => counties.includes(code)).map(countyName)
    return names.length ? [say(`unknown.${reason}`, { list: names.join(comma()) })] : []
  })
}
