// Pattern and mark images of the map: their ids say what they are, so the page draws them when the map asks.
export interface Symbols {
  patterns: Record<string, { tile_px: number; svg: string }>
  marks: Record<string, { svg: string }>
  dark_map: Record<string, string>
  by: Record<string, unknown> // layer → the expression whose value is the class of a feature
}

export type ImageId =
  | { kind: 'pattern'; pattern: string; color: string }
  | { kind: 'mark'; shape: string; fill: string; stroke: string; size: number }

const COLOR = /^(#[0-9A-Fa-f]{6}|none)$/

/** "pattern:cross-45:#5E1668" or "mark:diamond:#FFFFFF:#7D1E78:11"; null for anything else. */
export function parseImageId(id: string): ImageId | null {
  const [kind, name = '', first = '', second = '', size = ''] = id.split(':')
  if (!/^[a-z0-9+~!?-]+$/i.test(name) || !COLOR.test(first)) return null
  if (kind === 'pattern' && second === '') return { kind, pattern: name, color: first }
  const px = Number(size)
  if (kind === 'mark' && COLOR.test(second) && px >= 2 && px <= 64) {
    return { kind, shape: name, fill: first, stroke: second, size: px }
  }
  return null
}

/** The picture as an SVG document with its size in CSS pixels, or null when the symbols do not hold it. */
export function imageSvg(id: ImageId, symbols: Symbols): { svg: string; width: number; height: number } | null {
  if (id.kind === 'pattern') {
    const pattern = symbols.patterns[id.pattern]
    if (!pattern) return null
    const side = pattern.tile_px
    return { svg: document_(pattern.svg.replaceAll('{c}', id.color), side, side, `0 0 ${side} ${side}`), width: side, height: side }
  }
  const mark = symbols.marks[id.shape]
  if (!mark) return null
  const drawn = mark.svg.replaceAll('{fill}', id.fill).replaceAll('{stroke}', id.stroke)
  const side = id.size + 4 // room for the casing
  const inner = /<svg[\s>]/.test(drawn) ? drawn : document_(drawn, side, side, '0 0 24 24')
  return { svg: inner, width: side, height: side }
}

function document_(inner: string, width: number, height: number, box: string): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="${box}">${inner}</svg>`
}

/** Draws an SVG document into pixels that MapLibre takes. */
export async function rasterise(svg: string, width: number, height: number, ratio: number): Promise<ImageData> {
  const picture = new Image()
  picture.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`
  await picture.decode()
  const canvas = document.createElement('canvas')
  canvas.width = Math.round(width * ratio)
  canvas.height = Math.round(height * ratio)
  const context = canvas.getContext('2d')
  if (!context) throw new Error('no 2d canvas')
  context.drawImage(picture, 0, 0, canvas.width, canvas.height)
  return context.getImageData(0, 0, canvas.width, canvas.height)
}
