// The map of a package: the same style, its tiles read from the phone.
import { addProtocol, type StyleSpecification } from 'maplibre-gl'
import { PMTiles, type RangeResponse, type Source } from 'pmtiles'

const SCHEME = 'jtpack'
const TILE = /^jtpack:\/\/([\w-]+)\/(\d+)\/(\d+)\/(\d+)$/
const served = new Map<string, PMTiles>()

class Kept implements Source {
  constructor(private readonly key: string, private readonly tiles: Blob) {}
  getKey(): string { return this.key }
  async getBytes(offset: number, length: number): Promise<RangeResponse> {
    return { data: await this.tiles.slice(offset, offset + length).arrayBuffer() }
  }
}

/** Makes the tiles of a package known to the map, under its id. */
export function serve(id: string, tiles: Blob): void {
  if (!served.size) {
    addProtocol(SCHEME, async ({ url }, { signal }) => {
      const [, name = '', z, x, y] = TILE.exec(url) ?? []
      const tile = await served.get(name)?.getZxy(Number(z), Number(x), Number(y), signal)
      return { data: tile?.data ?? new ArrayBuffer(0) }
    })
  }
  served.set(id, new PMTiles(new Kept(id, tiles)))
}

/** All layers of the style take their tiles from one file. */
export function packedStyle(style: StyleSpecification, id: string, zooms: [number, number], bounds: [number, number, number, number]): StyleSpecification {
  const isTheirs = (source: string) => style.sources[source]?.type === 'vector'
  const own = Object.fromEntries(Object.entries(style.sources).filter(([name]) => !isTheirs(name)))
  return {
    ...style,
    sources: { ...own, [SCHEME]: { type: 'vector', tiles: [`${SCHEME}://${id}/{z}/{x}/{y}`], minzoom: zooms[0], maxzoom: zooms[1], bounds } },
    layers: style.layers.map((layer) => ('source' in layer && isTheirs(layer.source as string) ? { ...layer, source: SCHEME } as typeof layer : layer)),
  }
}
