// The basemap of the setting JINGTU_BASEMAP: tiles by address (天地图 `_w` too) or a PMTiles file, under all layers.
import { ref } from 'vue'
import type { LayerSpecification, SourceSpecification } from 'maplibre-gl'
import { data } from '../state/catalog'

const REMEMBERED = 'jingtu.basemap'
export const basemapOn = ref(localStorage.getItem(REMEMBERED) !== 'off')

export function setBasemap(on: boolean): void {
  basemapOn.value = on
  localStorage.setItem(REMEMBERED, on ? 'on' : 'off')
}

const isArchive = (address: string) => new URL(address).pathname.endsWith('.pmtiles')
/** Archive address → the names of its vector layers; none: it holds pictures. */
const archives = new Map<string, string[]>()

/** Reads what the archives hold, once; nothing where there are none or the basemap is off. */
export async function readyBasemap(): Promise<void> {
  const wanted = basemapOn.value ? (data.catalog?.basemap ?? []).filter((one) => isArchive(one) && !archives.has(one)) : []
  if (!wanted.length) return
  const { readArchive } = await import('./archive')
  for (const address of wanted) {
    const layers = await readArchive(address)
    if (layers) archives.set(address, layers)
  }
}

/** Sources and layers of the basemap, the lowest first; an archive that was not to be read is left out. */
export function basemapParts(addresses: readonly string[]): { sources: Record<string, SourceSpecification>; layers: LayerSpecification[] } {
  const sources: Record<string, SourceSpecification> = {}
  const layers: LayerSpecification[] = []
  addresses.forEach((address, at) => {
    const id = `jt-basemap-${at}`
    if (!isArchive(address)) {
      sources[id] = { type: 'raster', tiles: [address], tileSize: 256, maxzoom: 18 }
      layers.push({ id, type: 'raster', source: id })
      return
    }
    const held = archives.get(address)
    if (!held) return
    sources[id] = held.length ? { type: 'vector', url: `pmtiles://${address}` } : { type: 'raster', url: `pmtiles://${address}`, tileSize: 256 }
    if (!held.length) layers.push({ id, type: 'raster', source: id })
    for (const name of held) layers.push(...plain(id, name))
  })
  return { sources, layers }
}

/** An archive of unknown content is drawn as what it is for: quiet ground, thin lines. */
function plain(source: string, name: string): LayerSpecification[] {
  const from = { source, 'source-layer': name }
  return [
    { id: `${source}-${name}-fill`, type: 'fill', ...from, filter: ['==', ['geometry-type'], 'Polygon'], paint: { 'fill-color': '#8C8F8A', 'fill-opacity': 0.08 } },
    { id: `${source}-${name}-line`, type: 'line', ...from, paint: { 'line-color': '#8C8F8A', 'line-width': 0.7, 'line-opacity': 0.6 } },
  ]
}
