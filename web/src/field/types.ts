// Drafts and packages as the field page holds them on the phone.
import type { InspectionStepBody, PackageResult } from '../api/schema'

export type PackageFacts = Omit<PackageResult, 'rights' | 'tiles' | 'files'>

/** `conflict`: somebody else's record came first, and ours is kept until its difference is told. `refused`: not taken as it is. */
export type DraftState = 'waiting' | 'conflict' | 'refused' | 'sent'
export interface Draft {
  key: string // sent as Idempotency-Key: however often it is sent, it counts once
  by: string
  at: string
  inspection: string
  title: string
  state: DraftState
  step?: InspectionStepBody
  photo?: { name: string; file: Blob }
  told?: string // what the server said, who came first, or why it failed
  tries?: number // how often it failed while the server could be reached
  triedAt?: string
  sentAt?: string
}

/** A package on this phone: both files and its facts in one entry, so that there is a whole one or none. */
export interface KeptPackage { id: string; by: string; bytes: number; facts: PackageFacts; tiles: Blob; content: Blob }
