// What a page lays on its own map: shapes with a key, in a verdict's line, a class's fill or the grey stripe.
import type { Feature, FeatureCollection, Geometry } from 'geojson'
import { bounds, type Bounds } from '../format/geometry'

export interface Shown {
  key: string
  geometry: Geometry
  color: string // of the line, or of the mark of a point
  fill?: string
  dashed?: boolean
  striped?: boolean
  text?: string
}

/** `lit`: the keys that stand out; where there are any, the others step back. */
export function collectionOf(shapes: readonly Shown[], lit: ReadonlySet<string>): FeatureCollection {
  return {
    type: 'FeatureCollection',
    features: shapes.map(({ key, geometry, ...told }): Feature => ({
      type: 'Feature', geometry,
      properties: { fill: 'rgba(0,0,0,0)', dashed: false, striped: false, text: '', ...told, key, lit: lit.has(key), quiet: lit.size > 0 && !lit.has(key) },
    })),
  }
}

export function boundsOf(shapes: readonly Shown[], keys?: ReadonlySet<string>): Bounds | null {
  const chosen = keys?.size ? shapes.filter(({ key }) => keys.has(key)) : []
  return bounds((chosen.length ? chosen : shapes).map(({ geometry }) => geometry))
}

/** The colour of a design variable, as the map needs it. */
export function inkOf(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim()
}
