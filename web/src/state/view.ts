// What is shown: layers, order, opacity, classes, filters, day, what is chosen, camera. The address follows it, and restores it.
import { computed, reactive, watch } from 'vue'
import type { CatalogLayer } from '../api/schema'
import { filterText, type Condition } from '../format/cql'
import { drawnOrder, moved } from '../map/order'
import { data, layers, readCatalog, setDayOfCatalog } from './catalog'
import { FAINTEST, formatLink, parseLink, type Camera, type Chosen } from './link'
import { placeAt, type PageName } from './pages'

const asked = parseLink(location)
/** Whether the map may be asked from outside (tests, benchmarks); read at once, since the address follows the view. */
export const probed = import.meta.env.DEV || new URLSearchParams(location.search).has('probe')

export const view = reactive({
  on: new Set<string>(),
  barred: [] as string[], // named by the address, but not the asker's to see: kept in it for whoever signs in
  opacity: asked.opacity as Record<string, number>,
  order: asked.order as string[] | null,
  off: asked.off as Record<string, string[]>,
  filters: asked.filters as Record<string, Condition[]>,
  day: asked.day as string | null,
  chosen: asked.chosen as Chosen | null,
  table: asked.table as string | null,
  camera: asked.camera as Camera | null,
  check: asked.check as string | null,
  page: asked.page,
  item: asked.item,
  usual: asked.layers === null, // the layers are those of the first sight, so the address need not name them
})

setDayOfCatalog(view.day)
watch(() => view.day, (day) => { setDayOfCatalog(day); void readCatalog() })

function usualLayers(): string[] {
  const usual: string[] = []
  for (const group of data.catalog?.groups ?? []) {
    for (const layer of group.layers) {
      if (layer.visible && layer.on) usual.push(layer.id)
    }
  }
  return usual
}

/** Chooses the first layers once the catalog is there: those of the address, else the usual ones. */
export function chooseLayers(): void {
  const wanted = asked.layers && view.usual === false ? asked.layers : usualLayers()
  view.on = new Set(wanted.filter((id) => layers.value.get(id)?.visible && isDrawn(layers.value.get(id)!)))
  view.barred = wanted.filter((id) => (data.catalog ? layers.value.get(id)?.visible === false : true))
}

/** Images are no layers of this map. */
export const isDrawn = (layer: CatalogLayer): boolean => !layer.geometry.includes('raster')

export function toggleLayer(layer: CatalogLayer, on = !view.on.has(layer.id)): void {
  if (!layer.visible || !isDrawn(layer)) return
  if (on) view.on.add(layer.id)
  else view.on.delete(layer.id)
  view.usual = false
}

export function showLayer(id: string): void {
  const layer = layers.value.get(id)
  if (layer && !view.on.has(id)) toggleLayer(layer, true)
}

export function resetLayers(): void {
  Object.assign(view, { opacity: {}, order: null, off: {}, filters: {}, usual: true, barred: [] })
  view.on = new Set(usualLayers())
}

export const isUsual = computed(() => view.usual && !view.order && !Object.keys(view.off).length && !Object.keys(view.filters).length)

export function setOpacity(id: string, share: number): void {
  const kept = Math.min(1, Math.max(FAINTEST, Math.round(share * 20) / 20))
  if (kept === 1) delete view.opacity[id]
  else view.opacity[id] = kept
  view.usual = false
}

/** The class without a value, in addresses and among the classes that are off. */
export const REST = '*'

export function toggleClass(layer: string, value: string | null): void {
  const key = value ?? REST
  const off = view.off[layer] ?? []
  const next = off.includes(key) ? off.filter((one) => one !== key) : [...off, key]
  if (next.length) view.off[layer] = next
  else delete view.off[layer]
}

/** The layers that are on, from top to bottom, as they are drawn. */
export const order = computed(() => drawnOrder(data.style, view.on, view.order))

export function moveLayer(id: string, to: number): void {
  view.order = moved(order.value, id, to)
}

export function setConditions(layer: string, conditions: Condition[]): void {
  if (conditions.length) view.filters[layer] = conditions
  else delete view.filters[layer]
}

/** What is asked of a layer in CQL2, or null where nothing is. */
export function filterOf(layer: string, words = ''): string | null {
  return filterText(view.filters[layer] ?? [], layers.value.get(layer)?.fields ?? [], words)
}

export function address(): string {
  return formatLink({ ...view, layers: view.usual ? null : [...view.on, ...view.barred].sort() })
}

/** The whole address, for copying. */
export function fullAddress(): string {
  return location.origin + address()
}

/** Keeps the address beside the view, from what was already chosen while the catalog came. */
export function followAddress(): void {
  let pending = 0
  let path = location.pathname
  watch(address, (now) => {
    window.clearTimeout(pending)
    const turned = now.split(/[?#]/)[0] !== path
    // Another page is a step that the browser can take back; what moves on a page is not.
    if (turned && (view.page || placeAt(path).page)) history.pushState(null, '', now)
    else pending = window.setTimeout(() => history.replaceState(null, '', now + kept()), 120)
    path = now.split(/[?#]/)[0]!
  }, { immediate: true })
  window.addEventListener('popstate', () => {
    path = location.pathname
    const { page, item } = placeAt(path)
    Object.assign(view, { page, item })
  })
}

/** The fingerprint of a paper, which the page that verifies it reads from its address. */
const kept = () => (view.page === 'verify' && placeAt(location.pathname).page === 'verify' ? location.search : '')

/** Opens a page beside the map, or the map again. */
export function openPage(page: PageName | null, item: string | null = null): void {
  Object.assign(view, { page, item })
}
