// Shapes of an overlay as the server tells it (docs/interface.md, overlays).
import type { Finding, Rule, UseCode, Verdict } from '../api/types'

export type Unknown = 'forbidden' | 'no_data' | 'outdated' | 'unlocated'
export type Trend = 'better' | 'worse' | 'same' | 'unknown'

export interface LaidLayer {
  layer: string
  title: string
  state: 'hit' | 'clear' | Unknown
  incomplete: Unknown | null
  features: number
  overlap_area_m2: number
  overlap_share: number
  release: string | null
  data_date: string | null
}
export interface Plot {
  plot: number
  no: string
  name: string | null
  planned_use: UseCode | null
  use: string | null
  area_m2: number
  counted_m2: number
  verdict: Verdict
  complete: boolean
  counties: string[]
  touched: { layer: string; features: number; area_m2: number }[]
}
export type Conflict = Pick<Finding, 'rule' | 'verdict' | 'layer' | 'relation' | 'overlap_area_m2' | 'distance_m' | 'certainty' | 'message'> & {
  plot: number
  no: string
  use: string | null
  county: string | null
  feature: { id: string | null; code: string | null; name: string | null; layer: string; hidden?: boolean }
}
export interface OverlayGap { layer: string; title: string; county: string | null; kind: string; message: string; owner: string; plots: number }

export interface Side {
  area: { title: string; area_m2: number; plots: number; polygons: number; counties: string[]; counted_twice_m2: number }
  as_of: string
  verdict: Verdict
  complete: boolean
  uses: { use: string | null; title: string; plots: number; area_m2: number }[]
  verdicts: { use: string | null; verdict: Verdict; area_m2: number }[]
  partition: { use: string | null; layers: string[]; known: boolean; area_m2: number; incomplete_m2: number }[]
  by_layer: { use: string | null; layer: string; area_m2: number }[]
  layers: LaidLayer[]
  gaps: OverlayGap[]
  plots: Plot[]
  conflicts: Conflict[]
  remarks: { rule: string; verdict: Verdict; missing: string[]; plots: number; area_m2: number }[]
  rules: Record<string, Pick<Rule, 'title' | 'reason' | 'basis'> & { reason_en: string }>
}
export interface Compared { first_m2: number; second_m2: number; change_m2: number; is: Trend }
export interface Change {
  area_m2: [number, number]
  verdicts: (Compared & { verdict: Verdict })[]
  unrestricted: Compared
  unknown: Compared
  layers: (Compared & { layer: string; title: string })[]
  conflicts: (Compared & { rule: string; verdict: Verdict; layer: string; feature: Conflict['feature']; plots: [number, number] })[]
}
export interface Overlay extends Side {
  id: string
  number: string
  title: string
  with: string[]
  action: string | null
  purpose: string
  checked_at: string
  fingerprint: string
  versions: { revision: number; release: string | null }
  other: Side | null
  change: Change | null
}
export interface OverlaySummary { id: string; number: string; title: string; verdict: Verdict; complete: boolean; made_at: string; as_of: string; counties: string[]; area_m2: number; purpose: string }
