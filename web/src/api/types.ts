// Shapes of the HTTP interface (docs/interface.md). Kept by hand until they are generated from /openapi.json.
import type { Geometry, Polygon, MultiPolygon } from 'geojson'

export const VERDICTS = ['prohibit', 'needs_investigation', 'conditional', 'undetermined', 'notice', 'clear'] as const
export type Verdict = (typeof VERDICTS)[number]

export type CoverageState = 'loaded' | 'confirmed_empty' | 'never_loaded' | 'outdated'
export type LayerState = 'hit' | 'clear' | 'no_data' | 'outdated' | 'unlocated'
export type GapKind = 'never_loaded' | 'outdated' | 'unlocated' | 'partial'
export type BasisKind = 'statute' | 'standard' | 'policy' | 'default'
export type ParcelGeometry = Polygon | MultiPolygon

export interface Me {
  username: string | null
  role: string
  counties: string[]
}

export interface County {
  code: string
  name: string
  name_en?: string
  zones: number[]
}

export interface LayerCoverage {
  county: string
  state: CoverageState
  data_date: string | null
  release: string | null
  features: number | null // null: not for the asker to see
  unlocated: number | null
}

export interface LayerField {
  id: string
  title: string
  title_en?: string
  type: string
  choices?: Record<string, string> | null
  unit?: string | null
}

export interface CatalogLayer {
  id: string
  title: string
  title_en?: string
  role: 'restriction' | 'evidence' | 'context' | 'request'
  kind: 'stored' | 'derived' | 'request'
  owner: string
  refresh_months: number | null
  geometry: string[]
  fields: LayerField[]
  note?: string | null
  read: string[] // the roles that may see it
  visible: boolean
  loaded: number | null
  on: boolean // shown at first sight
  coverage: LayerCoverage[]
}

export interface Catalog {
  region: { code: string; name: string; name_en?: string; extent: [number, number, number, number]; zones: number[] }
  counties: County[]
  groups: { title: string; title_en?: string; layers: CatalogLayer[] }[]
  actions: { id: string; title: string }[]
  project_flags: { id: string; title: string; type: string; choices?: Record<string, string> | null }[]
  basemap?: string[] // addresses of tiles under the map, the lowest first
  asked_layers?: string[]
  revision: number | null
  release: string | null
  data_date?: string | null
}

export interface LegendClass {
  value: string | null
  label: string
  label_en?: string
  swatch: string
}

export interface Legend {
  groups: { title: string; layers: { id: string; title: string; classes: LegendClass[] }[] }[]
}

export interface LanduseCode {
  system: string
  code: string
  name: string
  name_en: string
  level?: number
}

export interface UseCode {
  system: string
  code: string
}

export interface CheckRequest {
  parcel: ParcelGeometry | { type: 'Feature'; geometry: ParcelGeometry; properties: Record<string, unknown> } | { parcel_no: string }
  crs?: string
  action?: string | null
  proposed_use?: UseCode | null
  current_use?: UseCode | null
  project?: Record<string, unknown>
  purpose?: string | null
  as_of?: string | null
  known_at?: string | null
}

export interface Basis {
  text: string
  article: string
  kind: BasisKind
}

export interface Parameter {
  name: string
  title: string
  value: number
  unit: string
  kind: BasisKind
  of_region: boolean
}

export interface Rule {
  id: string
  group: string
  group_title: string
  title: string
  verdict: Verdict
  reason: string
  reason_en: string
  layer: string
  relation: string
  looks_at: string
  actions: string[] | null
  actions_except: string[] | null
  basis: (Basis & { valid_from: string | null; valid_to: string | null })[]
  parameters: (Parameter & { why: string })[]
  needs: string[]
  needs_titles: string[]
  override: { kind: string; words: string } | null
}

export interface Finding {
  rule: string
  title?: string
  verdict: Verdict
  layer: string
  feature: { id: string | null; code: string | null; name: string | null; layer?: string; hidden?: boolean } | null
  county?: string | null
  message?: string
  relation: string
  overlap_area_m2: number
  overlap_share: number
  distance_m: number
  reason: string
  reason_en?: string
  basis: Basis[]
  overridable: boolean
  certainty: 'certain' | 'possible' | 'near_miss'
  missing: string[]
  parameters?: Parameter[]
}

export interface AskedLayer {
  layer: string
  state: LayerState
  features: number
  overlap_area_m2: number
  overlap_share: number
  release: string | null
  data_date: string | null
}

export interface Gap {
  layer: string
  county: string | null
  kind: GapKind
  message: string
}

export interface CheckAnswer {
  id: string
  number: string
  verdict: Verdict
  complete: boolean
  checked_at: string
  as_of: string
  action: string | null
  proposed_use?: UseCode | null
  current_use?: UseCode | null
  purpose?: string | null
  parcel: { area_m2: number; counties: string[]; geometry: ParcelGeometry; parcel_no?: string | null; name?: string | null }
  findings: Finding[]
  layers: AskedLayer[]
  gaps: Gap[]
  versions: { revision: number; release: string | null; catalog: string; rules: string }
  fingerprint: string
}

export interface CheckSummary {
  id: string
  number: string
  verdict: Verdict
  complete: boolean
  checked_at: string
  as_of?: string
  action?: string | null
  area_m2?: number
  parcel_no?: string | null
  purpose?: string | null
  gaps?: number
}

export interface Example {
  id: string
  title: string
  verdict: Verdict
  complete: boolean
  body: CheckRequest
}

export interface PreviewParcel {
  no: string | null
  name: string | null
  area_m2: number | null
  declared_area_m2: number | null
  points: number
  geometry: ParcelGeometry | null
}

export interface Issue {
  code: string
  severity: 'error' | 'warning' | 'notice'
  row: number | null
  ring: number | null
  field: string | null
  value: string | null
  message: string
  hint: string | null
  place: [number, number] | { type: 'Point'; coordinates: number[] } | null
}

export interface Preview {
  ok: boolean
  crs: number | string | null
  encoding: string | null
  parcels: PreviewParcel[]
  issues: Issue[]
  text_lines: string[] | null
}

/** A feature of /identify and /features: GeoJSON with what every feature has beside its attributes. */
export interface FoundFeature {
  type: 'Feature'
  id: string
  layer: string
  code: string | null
  name: string | null
  county: string | null
  geometry: Geometry | null
  properties: Record<string, unknown>
}

export interface Problem {
  type?: string
  title: string
  status: number
  detail?: string
  code?: string
  hint?: string
  errors?: { at: string; code: string; message: string }[]
}

/** A number of the overview, out of how many, and the address of the list that was counted. */
export interface Counted { id: string; title: string; value: number; of: number | null; list: string }

export interface Dashboard {
  as_of: string
  indicators: Counted[]
  deadlines: Counted[]
  freshness: { county: string; name: string; layers: number; loaded: number; confirmed_empty: number; outdated: number; never_loaded: number; list: string }[]
}
