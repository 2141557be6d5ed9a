// What is shown: layers, opacity, camera. The address follows it, and restores it.
import { reactive, watch } from 'vue'
import type { CatalogLayer } from '../api/types'
import { data, layers } from './catalog'
import { formatLink, parseLink, type Camera } from './link'
import { placeAt, type PageName } from './pages'

const asked = parseLink(location)

export const view = reactive({
  on: new Set<string>(),
  opacity: asked.opacity as Record<string, number>,
  camera: asked.camera as Camera | null,
  check: asked.check as string | null,
  page: asked.page,
  item: asked.item,
  usual: asked.layers === null, // the layers are those of the first sight, so the address need not name them
})

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
  view.on = new Set(wanted.filter((id) => layers.value.get(id)?.visible))
}

export function toggleLayer(layer: CatalogLayer, on = !view.on.has(layer.id)): void {
  if (!layer.visible) return
  if (on) view.on.add(layer.id)
  else view.on.delete(layer.id)
  view.usual = false
}

export function showLayer(id: string): void {
  const layer = layers.value.get(id)
  if (layer && !view.on.has(id)) toggleLayer(layer, true)
}

export function resetLayers(): void {
  view.opacity = {}
  view.usual = true
  view.on = new Set(usualLayers())
}

export function address(): string {
  return formatLink({
    layers: view.usual ? null : [...view.on].sort(), opacity: view.opacity, check: view.check, camera: view.camera, page: view.page, item: view.item,
  })
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
    else pending = window.setTimeout(() => history.replaceState(null, '', view.page ? now + kept() : now), 120)
    path = now.split(/[?#]/)[0]!
  }, { immediate: true })
  window.addEventListener('popstate', () => {
    path = location.pathname
    const { page, item } = placeAt(path)
    Object.assign(view, { page, item })
  })
}

/** What a page's own address holds beside its path, as the fingerprint of a paper. */
const kept = () => (placeAt(location.pathname).page === view.page ? location.search : '')

/** Opens a page beside the map, or the map again. */
export function openPage(page: PageName | null, item: string | null = null): void {
  Object.assign(view, { page, item })
}
