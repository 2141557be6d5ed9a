// Draws the images that the style asks for by name, and the stripe of missing data.
import type { Map as MapLibre } from 'maplibre-gl'
import { data } from '../state/catalog'
import { theme } from '../state/session'
import { isGapPattern, symbolsOf } from './composition'
import { recolour } from './theme'
import { imageSvg, parseImageId, rasterise } from './images'

const RATIO = 2
const STRIPE_PX = 10

export function drawOnDemand(map: MapLibre): void {
  map.setMissingStyleImageResolver((id) => draw(map, id))
}

async function draw(map: MapLibre, id: string): Promise<void> {
  if (isGapPattern(id)) return add(map, id, stripe(), STRIPE_PX, STRIPE_PX)
  const parsed = parseImageId(id)
  if (!parsed || !data.style) return
  const symbols = symbolsOf(data.style)
  const picture = imageSvg(parsed, symbols)
  if (!picture) return
  // The id already carries the colours of the theme; what a mark draws of its own (casing, glyph) does not.
  const svg = recolour(picture.svg, theme.value === 'dark' ? symbols.dark_map : null)
  await add(map, id, svg, picture.width, picture.height)
}

async function add(map: MapLibre, id: string, svg: string, width: number, height: number): Promise<void> {
  const pixels = await rasterise(svg, width, height, RATIO)
  if (!map.hasImage(id)) map.addImage(id, pixels, { pixelRatio: RATIO })
}

/** The 45° stripe in the colours of the current theme; the pattern's id names the theme. */
function stripe(): string {
  const style = getComputedStyle(document.documentElement)
  const a = style.getPropertyValue('--gap-stripe-a').trim()
  const b = style.getPropertyValue('--gap-stripe-b').trim()
  return `<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"><rect width="10" height="10" fill="${b}" fill-opacity=".55"/>`
    + `<path d="M-2 12 12-2M3 17 17 3M-7 7 7-7" stroke="${a}" stroke-width="3.2"/></svg>`
}
