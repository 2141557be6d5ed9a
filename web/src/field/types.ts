// Inspections, drafts and packages as the field page holds them (docs/interface.md).
import type { FoundFeature } from '../api/types'

export interface Finding { ok: boolean; text: string }
export interface InspectionStep { number: number; kind: string; at: string; by: string | null; note: string; findings?: Record<string, Finding> }
export interface Inspection {
  number: string
  site: string
  name: string
  county: string
  inspectors: string[]
  state: 'drawn' | 'follow_up' | 'closed'
  state_title: string
  last_step: number
  steps: InspectionStep[]
}
export interface InspectionList { checklist: Record<string, string>; inspections: Inspection[] }

export interface Observed { at: string; lon?: number; lat?: number; accuracy_m?: number }
export interface StepBody { kind: 'visit' | 'verify' | 'rectify' | 'note' | 'differ'; after: number; note?: string; findings: Record<string, Finding>; observed: Observed }

/** `conflict`: somebody else's record came first, and ours is kept until its difference is told. `refused`: not taken as it is. */
export type DraftState = 'waiting' | 'conflict' | 'refused' | 'sent'
export interface Draft {
  key: string // sent as Idempotency-Key: however often it is sent, it counts once
  by: string
  at: string
  inspection: string
  title: string
  state: DraftState
  step?: StepBody
  photo?: { name: string; file: Blob }
  told?: string // what the server said, or who came first
  sentAt?: string
}

export interface PackageFacts {
  name: string
  bbox: [number, number, number, number]
  made_at: string
  by: string
  revision: number
  as_of: string
  data_date: string | null
  zooms: [number, number]
  layers: string[]
  sites: number
  features: number
  unlocated: number
  gaps: { layer: string; county: string; state: 'never_loaded' | 'outdated' }[]
}
export interface PackageResult extends PackageFacts { files: Record<'tiles' | 'content', { bytes: number; sha256: string }> }
export interface PackageContent extends PackageFacts, InspectionList {
  found: Record<string, FoundFeature[]>
  nowhere: Record<string, FoundFeature[]>
}
/** A package on this phone: both files and its facts in one entry, so that there is a whole one or none. */
export interface KeptPackage { id: string; by: string; bytes: number; facts: PackageFacts; tiles: Blob; content: Blob }
