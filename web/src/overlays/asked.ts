// What the wizard has gathered, and how it is asked.
import { comma } from '../i18n'
import { reactive } from 'vue'
import type { Polygon, MultiPolygon } from 'geojson'
import { post, request, type Posted } from '../api/client'
import type { Accepted, FoundFeature } from '../api/schema'

export const WAYS = ['unit', 'supply', 'upload', 'draw'] as const
export type AreaWay = (typeof WAYS)[number]
export const LAYER_OF: Partial<Record<AreaWay, string>> = { unit: 'detailed_plan_unit', supply: 'annual_supply_plan_parcel' }

export interface Wanted {
  way: AreaWay
  chosen: FoundFeature[] // of the layer that the way names
  file: File | null
  drawn: Polygon | MultiPolygon | null
  layers: Set<string>
  title: string
  action: string
  asOf: string
  compare: 'no' | 'day' | 'file'
  compareDay: string
  compareFile: File | null
}

export const wantNothing = (): Wanted => ({
  way: 'unit', chosen: [], file: null, drawn: null, layers: new Set(), title: '', action: '', asOf: '', compare: 'no', compareDay: '', compareFile: null,
})
/** Stays while the page is left, so that nothing drawn or chosen is lost. */
export const wanted = reactive<Wanted>(wantNothing())

export function hasArea({ way, chosen, file, drawn }: Wanted): boolean {
  if (way === 'upload') return file !== null
  return way === 'draw' ? drawn !== null : chosen.length > 0
}

export function areaTitle({ way, chosen, file }: Wanted, words: { drawn: string; supply: string }): string {
  if (way === 'upload') return file?.name.replace(/\.[^.]+$/, '') ?? ''
  if (way === 'draw') return words.drawn
  const names = chosen.map((one) => one.name ?? one.code).filter((name): name is string => !!name)
  if (!names.length) return words.supply
  return names.slice(0, 3).join(comma()) + (names.length > 3 ? '…' : '')
}

/** The counties of a choice, where they are known beforehand. */
export function countiesOf({ way, chosen }: Wanted): string[] | null {
  return way === 'unit' || way === 'supply' ? [...new Set(chosen.map((one) => one.county).filter((one): one is string => !!one))] : null
}

/** The area as POST /overlays takes it: features of a layer by their codes; where one has none, by their shapes. */
export function areaOf({ way, chosen, drawn }: Wanted): Record<string, unknown> {
  if (way === 'draw') return drawn as unknown as Record<string, unknown>
  if (chosen.every((one) => one.code)) return { layer: LAYER_OF[way]!, codes: chosen.map((one) => one.code) }
  const features = chosen.filter((one) => one.geometry).map((one, i) => ({
    type: 'Feature', geometry: one.geometry,
    properties: { parcel_no: one.code ?? one.name ?? String(i + 1), name: one.name ?? '', planned_use: typeof one.properties.planned_use === 'string' ? one.properties.planned_use : null },
  }))
  return { type: 'FeatureCollection', features }
}

export function ask(one: Wanted): Promise<Accepted> {
  const day = one.compare === 'day' && one.compareDay ? one.compareDay : null
  if (one.way !== 'upload') {
    return post<Posted<'/overlays'>>('/overlays', {
      area: areaOf(one), with: [...one.layers], title: one.title, ...(one.action ? { action: one.action } : {}), ...(one.asOf ? { as_of: one.asOf } : {}), ...(day ? { compare: { as_of: day } } : {}),
    })
  }
  const form = new FormData()
  form.append('file', one.file!)
  form.append('with', [...one.layers].join(','))
  form.append('title', one.title)
  if (one.action) form.append('action', one.action)
  if (one.asOf) form.append('as_of', one.asOf)
  if (day) form.append('compare_as_of', day)
  if (one.compare === 'file' && one.compareFile) form.append('compare', one.compareFile)
  return request<Posted<'/overlays/upload'>>('/overlays/upload', { method: 'POST', body: form })
}
