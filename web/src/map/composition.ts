// From the server's style to the style on screen: theme, font, ground, and the page's own layers on top.
import type { LayerSpecification, SourceSpecification, StyleSpecification } from 'maplibre-gl'
import type { Theme } from '../state/session'
import type { Symbols } from './images'
import { basemapParts } from './basemap'
import { layerOf, sorted } from './order'
import { recolour, scaled } from './theme'

export const FONT = ['Noto Sans SC']
export const OWN = { parcel: 'jt-parcel', names: 'jt-names', overlap: 'jt-overlap', vertices: 'jt-vertices', draft: 'jt-draft', draftPoints: 'jt-draft-points', flash: 'jt-flash' } as const
const GAP_PATTERN = 'jt-stripe-45'
export const isGapPattern = (id: string): boolean => id.startsWith(GAP_PATTERN)
const GROUND = 'admin_county'

// With a parcel under check the planning colours step back (conventions of the symbols, check_mode).
export const DIMMED = new Set(['planned_land_use', 'land_use_status'])

export interface Palette {
  land: string
  outside: string
  label: string
  surface: string
  ink: string
  selection: string
  overlap: string
  undetermined: string
}

export function readPalette(): Palette {
  const style = getComputedStyle(document.documentElement)
  const value = (name: string) => style.getPropertyValue(name).trim()
  return {
    land: value('--map-land'), outside: value('--map-outside'), label: value('--map-label'), surface: value('--surface'), ink: value('--ink'),
    selection: value('--selection'), overlap: value('--overlap'), undetermined: value('--undetermined-line'),
  }
}

export function symbolsOf(style: StyleSpecification): Symbols {
  const metadata = (style.metadata ?? {}) as { jingtu?: Partial<Symbols> }
  return { patterns: {}, marks: {}, dark_map: {}, by: {}, ...metadata.jingtu }
}

const EMPTY: SourceSpecification = { type: 'geojson', data: { type: 'FeatureCollection', features: [] } }

/** What somebody chose: the order of layers (top to bottom), and what is asked of each layer's tiles. */
export interface Chosen {
  order: readonly string[] | null
  questions: Readonly<Record<string, string>>
  basemap: readonly string[]
}
const UNCHOSEN: Chosen = { order: null, questions: {}, basemap: [] }

/**
 * The style for a theme with the catalog layers that are wanted; what was never switched on costs no request.
 * Visibility and opacity are set afterwards, layer by layer.
 */
export function compose(
  server: StyleSpecification | null, theme: Theme, palette: Palette, wanted: ReadonlySet<string>, chosen: Chosen = UNCHOSEN,
): StyleSpecification {
  const dark = server && theme === 'dark' ? symbolsOf(server).dark_map : null
  const isWanted = (layer: LayerSpecification) => {
    const id = layerOf(layer)
    return layer.type !== 'background' && (id === null || wanted.has(id))
  }
  const theirs = recolour(sorted((server?.layers ?? []).filter(isWanted), chosen.order), dark)
    .map((layer) => (layer.type === 'symbol' && layer.layout?.['text-field'] !== undefined
      ? { ...layer, layout: { ...layer.layout, 'text-font': FONT } } : layer))
  const used = new Set([GROUND, ...theirs.map((layer) => ('source' in layer ? layer.source : ''))])
  const sources = Object.fromEntries(Object.entries(server?.sources ?? {}).filter(([id]) => used.has(id))) as Record<string, SourceSpecification>
  // The question is no part of the address that is asked (map/asked.ts): here it tells a changed source from the same.
  for (const [id, question] of Object.entries(chosen.questions)) {
    const source = sources[id] as { url?: string } | undefined
    if (source?.url) sources[id] = { ...source, url: `${source.url}#${question}` } as SourceSpecification
  }
  for (const id of Object.values(OWN)) sources[id] = EMPTY
  const under = basemapParts(chosen.basemap)
  Object.assign(sources, under.sources)
  return {
    version: 8,
    sources,
    layers: [...ground(sources, palette, theme, under.layers), ...theirs, ...gapLabels(sources, palette), ...own(palette, theme)],
  }
}

function ground(sources: Record<string, SourceSpecification>, palette: Palette, theme: Theme, under: LayerSpecification[]): LayerSpecification[] {
  const known = GROUND in sources
  const background: LayerSpecification = { id: 'jt-outside', type: 'background', paint: { 'background-color': known ? palette.outside : palette.land } }
  if (!known) return [background, ...under]
  const from = { source: GROUND, ...(sources[GROUND]!.type === 'vector' ? { 'source-layer': GROUND } : {}) }
  return [
    background,
    { id: 'jt-land', type: 'fill', ...from, filter: ['!=', ['geometry-type'], 'Point'], paint: { 'fill-color': palette.land, 'fill-antialias': false } },
    ...under,
    { id: 'jt-gap', type: 'fill', ...from, filter: ['boolean', false], paint: { 'fill-pattern': `${GAP_PATTERN}-${theme}` } },
  ]
}

function gapLabels(sources: Record<string, SourceSpecification>, palette: Palette): LayerSpecification[] {
  if (sources[GROUND]?.type !== 'vector') return []
  return [{
    id: 'jt-gap-label', type: 'symbol', source: GROUND, 'source-layer': `${GROUND}_label`, minzoom: 5,
    layout: { 'text-font': FONT, 'text-size': 12, 'text-offset': [0, 1.7], 'text-max-width': 12, 'text-field': '', 'text-allow-overlap': true },
    paint: { 'text-color': palette.ink, 'text-halo-color': palette.surface, 'text-halo-width': 3 },
  }]
}

function own(palette: Palette, theme: Theme): LayerSpecification[] {
  const line = (id: string, source: string, paint: object, more: object = {}) =>
    ({ id, type: 'line', source, layout: { 'line-join': 'round', ...((more as { layout?: object }).layout ?? {}) }, paint }) as LayerSpecification
  const dot = (id: string, source: string, stroke: string) => ({
    id, type: 'circle', source,
    paint: { 'circle-radius': 4, 'circle-color': palette.surface, 'circle-stroke-color': stroke, 'circle-stroke-width': 1.75 },
  }) as LayerSpecification
  return [
    { id: 'jt-overlap-lift', type: 'fill', source: OWN.overlap, paint: { 'fill-color': palette.surface, 'fill-opacity': 0.72 } },
    { id: 'jt-overlap-fill', type: 'fill', source: OWN.overlap, paint: { 'fill-color': palette.overlap, 'fill-opacity': 0.42 } },
    line('jt-overlap-casing', OWN.overlap, { 'line-color': palette.surface, 'line-width': 3 }),
    line('jt-overlap-line', OWN.overlap, { 'line-color': palette.overlap, 'line-width': 1.5 }),
    { id: 'jt-parcel-stripe', type: 'fill', source: OWN.parcel, filter: ['==', ['get', 'striped'], true], paint: { 'fill-pattern': `${GAP_PATTERN}-${theme}`, 'fill-opacity': 0.75 } },
    line('jt-parcel-casing', OWN.parcel, { 'line-color': palette.surface, 'line-width': 6 }),
    { ...line('jt-parcel-line', OWN.parcel, { 'line-color': ['get', 'color'], 'line-width': 3 }), filter: ['!=', ['get', 'dashed'], true] } as LayerSpecification,
    { ...line('jt-parcel-dash', OWN.parcel, { 'line-color': ['get', 'color'], 'line-width': 3, 'line-dasharray': [2, 1.4] }), filter: ['==', ['get', 'dashed'], true] } as LayerSpecification,
    dot('jt-vertices-dot', OWN.vertices, palette.ink),
    {
      id: 'jt-name', type: 'symbol', source: OWN.names,
      layout: {
        'text-field': ['get', 'text'], 'text-font': FONT, 'text-size': ['match', ['get', 'kind'], 'overlap', 12.5, 13], 'text-allow-overlap': true,
        'text-max-width': 26, 'text-line-height': 1.25, 'symbol-sort-key': ['match', ['get', 'kind'], 'overlap', 1, 0],
      },
      paint: { 'text-color': ['match', ['get', 'kind'], 'overlap', palette.overlap, palette.ink], 'text-halo-color': palette.surface, 'text-halo-width': 3 },
    },
    { id: 'jt-draft-fill', type: 'fill', source: OWN.draft, filter: ['==', ['geometry-type'], 'Polygon'], paint: { 'fill-color': palette.selection, 'fill-opacity': 0.1 } },
    line('jt-draft-casing', OWN.draft, { 'line-color': palette.surface, 'line-width': 5 }),
    line('jt-draft-line', OWN.draft, { 'line-color': palette.ink, 'line-width': 2.5 }),
    dot('jt-draft-dot', OWN.draftPoints, palette.ink),
    line('jt-flash-casing', OWN.flash, { 'line-color': palette.surface, 'line-width': 7 }),
    line('jt-flash-line', OWN.flash, { 'line-color': palette.selection, 'line-width': 3.5 }),
    {
      id: 'jt-flash-point', type: 'circle', source: OWN.flash, filter: ['==', ['geometry-type'], 'Point'],
      paint: { 'circle-radius': 14, 'circle-opacity': 0, 'circle-stroke-color': palette.selection, 'circle-stroke-width': 3 },
    },
  ]
}

const OPACITIES: Record<string, string[]> = {
  fill: ['fill-opacity'], line: ['line-opacity'], circle: ['circle-opacity', 'circle-stroke-opacity'],
  symbol: ['icon-opacity', 'text-opacity'], raster: ['raster-opacity'],
}

/** The opacity properties of one style layer under a factor. */
export function opacityPaint(layer: LayerSpecification, factor: number): [string, unknown][] {
  const paint = (layer as { paint?: Record<string, unknown> }).paint ?? {}
  return (OPACITIES[layer.type] ?? []).map((name) => [name, scaled(paint[name], factor)])
}
