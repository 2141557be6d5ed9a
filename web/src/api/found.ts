// Shapes of what is found, opened and printed (docs/interface.md): search, pages of a layer, sites, map sheets.
import type { FoundFeature } from './types'

export interface SearchHit {
  layer: string
  id: string
  code: string | null
  name: string | null
  county: string | null
  point: [number, number] | null // null: it has no place
  bbox: [number, number, number, number] | null
}

export interface ItemPage {
  features: FoundFeature[]
  numberMatched: number
  links: { rel: string; href: string }[]
}

export interface Bar { id: string; title: string; basis: string; by: string; since: string | null; document: string | null }

export interface SiteList {
  layer: string
  title: string
  listed: boolean
  since: string | null
  until: string | null
  document: string | null
  has_boundary: boolean
  attributes: Record<string, unknown>
}

export interface SiteEvent {
  number: number
  kind: string
  kind_title: string
  what: string
  title: string
  on: string
  recorded_at: string
  actor_title?: string
  document_number: string
  document_date: string
  note?: string
  corrects: number | null
  corrected_by: number | null
  by?: string
}

export interface Stage {
  id: string
  title: string
  title_en: string
  since: string | null
  declared: boolean
  moves: { id: string; title: string; document: string; basis: string }[]
}

/** What is told of a site; a stranger is told its open lists and their notices alone. */
export interface SiteCard {
  code: string
  codes: string[]
  name: string
  county: string
  as_of: string
  revision: number
  stage?: Stage
  due?: { what: string; by: string; overdue: boolean } | null
  lists: SiteList[]
  bars?: Bar[]
  barred_uses?: { use: string; since: string | null; document: string | null; text: string }[]
  conditions?: Record<string, unknown>
  ended?: string | null
  lineage?: { from: string[]; into: string[] }
  events: SiteEvent[]
}

export interface Lifecycle {
  stages: { id: string; title: string; title_en: string; bars: string[]; closed: boolean }[]
  moves: { id: string; title: string; to: string }[]
  bars: { id: string; title: string; basis: string }[]
  lists: { layer: string }[]
}

export interface Attachment { id: string | number; name: string; media_type: string; size: number; by: string; at: string }

export interface SheetRequest {
  layers: { id: string; filter: string | null; off: string[] }[] // from top to bottom
  centre: [number, number]
  scale: number
  paper: 'a4' | 'a3'
  upright: boolean
  title: string
  as_of: string | null
  format: 'pdf' | 'png'
}
