// In which order layers lie on each other: as the style has them, or as somebody put them.
import type { LayerSpecification, StyleSpecification } from 'maplibre-gl'

export const layerOf = (layer: LayerSpecification): string | null =>
  ((layer.metadata ?? {}) as { jingtu_layer?: string }).jingtu_layer ?? null

const isLabel = (layer: LayerSpecification) => layer.type === 'symbol' && layer.layout?.['text-field'] !== undefined

/** The ids of `on` from top to bottom; what `own` does not name yet lies on top of it. */
export function drawnOrder(style: StyleSpecification | null, on: ReadonlySet<string>, own: readonly string[] | null): string[] {
  const top = new Map<string, number>()
  style?.layers.forEach((layer, at) => { const id = layerOf(layer); if (id && !isLabel(layer)) top.set(id, at) })
  const usual = [...on].sort((a, b) => (top.get(b) ?? -1) - (top.get(a) ?? -1))
  if (!own) return usual
  return [...usual.filter((id) => !own.includes(id)), ...own.filter((id) => on.has(id))]
}

/** The list with one id at another place. */
export function moved(list: readonly string[], id: string, to: number): string[] {
  const rest = list.filter((one) => one !== id)
  const at = Math.max(0, Math.min(rest.length, to))
  return [...rest.slice(0, at), id, ...rest.slice(at)]
}

/** Style layers in the order that somebody chose (top to bottom): a layer moves as one, no layer covers a label. */
export function sorted(styleLayers: LayerSpecification[], own: readonly string[] | null): LayerSpecification[] {
  if (!own) return styleLayers
  const rank = new Map(own.map((id, at) => [id, own.length - at]))
  const place = (layer: LayerSpecification) => (isLabel(layer) ? 1e6 : 0) + (rank.get(layerOf(layer) ?? '') ?? 0)
  return [...styleLayers].sort((a, b) => place(a) - place(b))
}

/** Leaves out the classes of a layer that are off: `by` is the expression whose value is the class. */
export function classFilter(by: unknown, off: readonly string[], named: readonly string[], rest: string): unknown[] | null {
  const gone = off.filter((one) => one !== rest)
  const parts: unknown[] = []
  if (gone.length) parts.push(['!', ['in', by, ['literal', gone]]])
  if (off.includes(rest)) parts.push(['in', by, ['literal', [...named]]])
  return parts.length ? ['all', ...parts] : null
}
