// PMTiles archives for the map; this code comes only where the basemap is one.
import { addProtocol } from 'maplibre-gl'
import { PMTiles, Protocol } from 'pmtiles'

const protocol = new Protocol()
let isAdded = false

/** The names of the vector layers of an archive, none of one that holds pictures; null where it is not to be read. */
export async function readArchive(address: string): Promise<string[] | null> {
  if (!isAdded) addProtocol('pmtiles', protocol.tile)
  isAdded = true
  const archive = new PMTiles(address)
  protocol.add(archive)
  try {
    const metadata = (await archive.getMetadata()) as { vector_layers?: { id: string }[] }
    return (metadata.vector_layers ?? []).map((one) => one.id)
  } catch (failure) {
    console.warn('no basemap:', failure) // the map goes on without it: counties and place names stand
    return null
  }
}
