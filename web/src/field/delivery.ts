// In which order what waits is sent, and what one that fails means for the others.
import type { Draft } from './types'

/** `failed`: this one alone, the others may go; `stopped`: nothing goes now. */
export type Went = 'sent' | 'kept' | 'failed' | 'stopped'
const FIRST_MS = 30_000
const LONGEST_MS = 3_600_000

/** What failed alone waits longer each time: a large photo would use up the line. */
export function isDue({ tries = 0, triedAt }: Draft, now: number): boolean {
  return !tries || !triedAt || now - Date.parse(triedAt) >= Math.min(FIRST_MS * 2 ** tries, LONGEST_MS)
}

/** One after the other, those first that never failed. */
export async function deliver(due: readonly Draft[], sendOne: (draft: Draft) => Promise<Went>): Promise<{ sent: number; stopped: boolean }> {
  let sent = 0
  for (const draft of [...due].sort((a, b) => (a.tries ?? 0) - (b.tries ?? 0))) {
    const went = await sendOne(draft)
    if (went === 'stopped') return { sent, stopped: true }
    if (went === 'sent') sent += 1
  }
  return { sent, stopped: false }
}
