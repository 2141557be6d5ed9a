// Shapes of deliveries and releases as the server tells them (docs/interface.md).
import type { Issue } from '../api/types'

export interface Counts { read: number; loaded: number; repaired: number; quarantined: number; refused: number }
export interface CountyChange { added: number; changed: number; removed: number; area_gained_m2: number; area_lost_m2: number }
export interface LoadDocument {
  layer: string
  outcome: 'accepted' | 'repaired' | 'quarantined' | 'refused'
  rows: Counts
  issues: Issue[]
  issues_in_all: number
  crs: string | null
  encoding: string
  release: string | null
  committed: boolean
  load: number | null
  changes: { added: number; changed: number; removed: number; unchanged: number; by_county?: Record<string, Partial<CountyChange>> }
  counties: string[]
  data_date: string | null
}
export interface Load {
  id: number
  layer: string
  release: string
  state: 'running' | 'staged' | 'live' | 'replaced' | 'withdrawn'
  outcome: LoadDocument['outcome']
  counties: string[]
  rows: Counts & { unchanged: number }
  file: string
  data_date: string
  by: string | null
  at: string
}
export interface Release { name: string; state: 'draft' | 'published' | 'withdrawn'; created_at: string; published_at: string | null; loads: Load[] }
export interface LayerChange { load: number; layer: string; by_county: Record<string, CountyChange> }
