// What there is: the catalog, its legend and the map style, read once and again after a new release.
import { computed, reactive, shallowReactive, shallowRef, watch } from 'vue'
import type { StyleSpecification } from 'maplibre-gl'
import { api, ApiFailure } from '../api/client'
import type { CatalogAnswer as Catalog, CatalogLayer, Legend, LegendClass } from '../api/schema'
import { layerIndex } from '../check/counts'
import { language } from '../i18n'
import { inEnglish } from './english'

export const data = shallowReactive<{
  catalog: Catalog | null
  legend: Legend | null
  style: StyleSpecification | null
}>({ catalog: null, legend: null, style: null })

export const dataFailure = reactive<{ catalog: ApiFailure | null; style: ApiFailure | null }>({ catalog: null, style: null })

export const layers = computed(() => layerIndex(data.catalog))
export const classesOf = computed(() => {
  const found = new Map<string, LegendClass[]>()
  for (const group of data.legend?.groups ?? []) for (const layer of group.layers) found.set(layer.id, layer.classes)
  return found
})

/** As it came; what the page shows is `data.catalog`, in its language. */
const raw = shallowRef<Catalog | null>(null)
watch([raw, language], () => { data.catalog = raw.value && language() === 'en' ? inEnglish(raw.value) : raw.value }, { flush: 'sync' })

async function kept<T>(answer: Promise<T>, place: 'catalog' | 'style'): Promise<T | null> {
  try {
    dataFailure[place] = null
    return await answer
  } catch (failure) {
    if (!(failure instanceof ApiFailure)) throw failure
    dataFailure[place] = failure
    return null
  }
}

/** What was read before stays in sight where only the line is down, or who asks has to sign in again. */
const noLine = (place: 'catalog' | 'style'): boolean => dataFailure[place]?.kind === 'offline' || dataFailure[place]?.kind === 'session'

export async function loadCatalog(): Promise<void> {
  const style = kept(api.style(), 'style').then((found) => { data.style = (found as StyleSpecification | null) ?? (noLine('style') ? data.style : null) })
  const legend = kept(api.legend(), 'catalog').then((found) => { data.legend = found ?? (noLine('catalog') ? data.legend : null) })
  await Promise.all([readCatalog(), style, legend])
}

/** The day of which the catalog tells what is known, null for today: a blank map of an earlier day needs the gaps of that day. */
let dayOfCatalog: string | null = null
export function setDayOfCatalog(day: string | null): void { dayOfCatalog = day }
export async function readCatalog(): Promise<void> {
  const day = dayOfCatalog
  const found = await kept(api.catalog(day), 'catalog')
  if (day === dayOfCatalog) raw.value = found ?? (noLine('catalog') ? raw.value : null)
}

export interface CatalogRead { catalog: Catalog; legend: Legend | null; style: StyleSpecification | null }

/** The catalog as the server gave it, for whoever keeps it; and kept ones in place of the server's, where there is no line. */
export function catalogAsRead(): CatalogRead | null {
  return raw.value && { catalog: raw.value, legend: data.legend, style: data.style }
}
export function useCatalog({ catalog, legend, style }: CatalogRead): void {
  raw.value = catalog
  Object.assign(data, { legend, style })
  Object.assign(dataFailure, { catalog: null, style: null })
}

export function layerTitle(id: string): string {
  const layer = layers.value.get(id)
  if (!layer) return id
  return language() === 'en' && layer.title_en ? layer.title_en : layer.title
}

export function countyName(code: string | null): string {
  if (!code) return ''
  const county = data.catalog?.counties.find((c) => c.code === code)
  if (!county) return code
  return language() === 'en' && county.name_en ? county.name_en : county.name
}

/** What is not known of a layer: counties that never sent it, whose rows are not the asker's to see, whose data are past their time. */
export function lacks(layer: CatalogLayer): { never: string[]; hidden: string[]; outdated: string[] } {
  const of = (fits: (cover: CatalogLayer['coverage'][number]) => boolean) => layer.coverage.flatMap((cover) => (cover.county && fits(cover) ? [cover.county] : []))
  return {
    never: of(({ state }) => state === 'never_loaded'),
    hidden: of(({ state, features }) => layer.visible && state !== 'never_loaded' && features === null),
    outdated: of(({ state }) => state === 'outdated'),
  }
}

/** The newest day that any loaded data speak of. */
export const dataDate = computed(() => {
  if (data.catalog?.data_date) return data.catalog.data_date
  const days = [...layers.value.values()].flatMap((l) => l.coverage.map((c) => c.data_date)).filter((d): d is string => !!d)
  return days.sort().at(-1) ?? null
})
