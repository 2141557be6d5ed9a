// Which stored answers are no longer given so: the newest word on each, by the id of the old answer.
import type { Change, CheckSummary } from '../api/schema'

/** Changes come newest first; the first about an answer stands, with what the answer has come to in the end. */
export function changesByCheck(changes: readonly Change[]): Map<string, Change> {
  const next = new Map<string, Change>()
  for (const change of changes) if (!next.has(change.old.id)) next.set(change.old.id, change)
  const last = (change: Change): Change => {
    const later = change.new ? next.get(change.new.id) : undefined
    return later && later.id > change.id ? last(later) : change
  }
  return new Map([...next].map(([id, change]) => [id, { ...change, new: last(change).new }]))
}

/** Checks that hold the words in number, parcel number or document. */
export function matchingChecks(checks: readonly CheckSummary[], words: string): CheckSummary[] {
  const wanted = words.trim().toLowerCase().split(/\s+/).filter(Boolean)
  return checks.filter(({ number, parcel_no, purpose }) => {
    const text = [number, parcel_no, purpose].filter(Boolean).join(' ').toLowerCase()
    return wanted.every((word) => text.includes(word))
  })
}
