// What the page itself lays on the map: the parcel under check in its verdict's line, a drawing in progress.
import type { Feature, FeatureCollection, Position } from 'geojson'
import type { GeoJSONSource, Map as MapLibre } from 'maplibre-gl'
import { watch } from 'vue'
import type { ParcelGeometry } from '../api/schema'
import { isComplete, plateCounts } from '../check/counts'
import { plate } from '../check/plate'
import { bounds, corners, namePlace } from '../format/geometry'
import { squareMetres } from '../format/numbers'
import { language, say } from '../i18n'
import { data } from '../state/catalog'
import { answer, answerName, check } from '../state/check'
import { draftShapes, drawing, points } from '../state/drawing'
import { shapeKey, shapes } from '../state/shapes'
import { OWN } from './composition'
import { mapControl } from './control'

const collection = (features: Feature[]): FeatureCollection => ({ type: 'FeatureCollection', features })
const point = (at: Position): Feature => ({ type: 'Feature', geometry: { type: 'Point', coordinates: at }, properties: {} })

/** Returns what to do after a new style, which comes without the page's own shapes. */
export function followOverlays(map: MapLibre): () => void {
  const set = (id: string, value: FeatureCollection) => (map.getSource(id) as GeoJSONSource | undefined)?.setData(value)
  const parcel = () => {
    const shown = shownParcels()
    set(OWN.parcel, collection(shown))
    const one = shown.length === 1 ? shown[0] : shown[check.chosen]
    const vertices = one ? corners(one.geometry) : []
    set(OWN.vertices, collection(vertices.length <= 60 ? vertices.map(point) : []))
  }
  const overlap = async () => {
    const found = await overlapShape()
    set(OWN.overlap, collection(found ? [found] : []))
    set(OWN.names, collection(names(shownParcels(), found)))
  }
  const draft = () => {
    const drawn = draftShapes()
    set(OWN.draft, drawn.shapes)
    set(OWN.draftPoints, drawn.points)
  }
  watch(() => [check.preview, check.chosen, check.step, answer.value], parcel)
  watch(() => [check.preview, check.chosen, check.step, answer.value, shapes.value, language()], () => void overlap())
  watch(() => [drawing.active, drawing.cursor, points.value], draft)
  watch(() => check.preview, (preview) => goTo(preview?.parcels.map((p) => p.geometry)))
  watch(answer, (stored) => goTo(stored ? [stored.parcel.geometry] : undefined))
  if (answer.value) map.once('load', () => goTo([answer.value!.parcel.geometry], true))
  return () => { parcel(); draft(); void overlap() }
}

function goTo(geometries: (ParcelGeometry | null)[] | undefined, instant = false): void {
  const box = bounds((geometries ?? []).filter((g): g is ParcelGeometry => g !== null))
  if (box) mapControl.value?.fit(box, { maxZoom: 16.5, instant })
}

const MOSTLY = 0.6 // of the parcel: two names would lie on each other, so one label says both

function names(parcels: Feature[], overlap: Feature | null): Feature[] {
  const own = parcels.flatMap(nameOf)
  if (!overlap) return own
  const [only] = own
  const covers = (overlap.properties?.share ?? 0) > MOSTLY
  if (!covers || !only || !overlap.properties?.text) return [...own, ...nameOf(overlap)]
  return [{ ...only, properties: { ...only.properties, text: `${only.properties?.text}\n${overlap.properties.text}` } }]
}

function nameOf({ geometry, properties }: Feature): Feature[] {
  const at = properties?.text ? namePlace(geometry) : null
  return at ? [{ ...point(at), properties }] : []
}

/** The magenta of an answer: what its findings overlap, with the area that the server measured where it is one layer's. */
async function overlapShape(): Promise<Feature | null> {
  const stored = answer.value
  if (!stored || check.step !== 'answer' || !shapes.value.size) return null
  const over = stored.findings.filter((f) => f.overlap_area_m2)
  const found = [...new Set(over.map(shapeKey))].flatMap((key) => (key ? shapes.value.get(key) ?? [] : []))
  const { overlapOf } = await import('./overlap')
  const geometry = overlapOf(stored.parcel.geometry, found)
  if (!geometry || answer.value !== stored) return null
  const hits = stored.layers.filter((layer) => layer.overlap_area_m2 > 0)
  const text = hits.length === 1 && hits[0] ? say('map.overlap', { area: squareMetres(hits[0].overlap_area_m2) }) : ''
  return { type: 'Feature', geometry, properties: { text, kind: 'overlap', share: hits[0]?.overlap_share ?? 0 } }
}

function ink(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim()
}

const LINES: Record<string, string> = { needs_investigation: '--investigate-line' }

function shownParcels(): Feature[] {
  const stored = answer.value
  if (stored && check.step === 'answer') {
    const made = plate(stored.verdict, isComplete(stored), plateCounts(stored, data.catalog))
    const properties = {
      text: answerName.value, kind: 'parcel', color: ink(LINES[made.look] ?? `--${made.look}-line`), dashed: made.outline === 'dashed', striped: made.warning !== null,
    }
    return [{ type: 'Feature', geometry: stored.parcel.geometry, properties }]
  }
  return (check.preview?.parcels ?? []).flatMap((parcel, i): Feature[] => (parcel.geometry === null ? [] : [{
    type: 'Feature', geometry: parcel.geometry,
    properties: { text: parcel.name ?? parcel.no ?? '', kind: 'parcel', color: ink(i === check.chosen ? '--ink' : '--line-strong'), dashed: false, striped: false },
  }]))
}
