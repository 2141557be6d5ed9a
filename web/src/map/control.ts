// What other parts of the page may ask of the map. Null while there is no map, or none is possible.
import { shallowRef } from 'vue'
import type { Geometry } from 'geojson'
import type { Bounds } from '../format/geometry'
import type { Seen } from './counted'

/** A shape, or a feature of a layer by its id or code where only the tiles know its shape. */
export interface Pointed { geometry?: Geometry; layer?: string; featureId?: string | null; code?: string | null }

export interface MapControl {
  fit(box: Bounds, options?: { maxZoom?: number; instant?: boolean }): void
  home(): void
  zoom(steps: number): void
  pan(x: number, y: number): void
  centre(): [number, number]
  /** What is drawn of a layer in the part that is seen, or of all layers. */
  seen(layer: string | null): Seen[]
  /** Marks that are drawn over a place, the topmost first. */
  marksAt(at: [number, number]): Pick<Seen, 'layer' | 'id'>[]
  zoomLevel(): number
  /** Rings a place twice, or steadily where motion is unwelcome: a shape, or a feature of a layer by its id. */
  flash(what: Pointed): void
  lightUp(what: Pointed | null): void
}

export const mapControl = shallowRef<MapControl | null>(null)
export const mapState = shallowRef<'loading' | 'ready' | 'impossible'>('loading')
