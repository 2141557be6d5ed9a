// The verdicts, the worst first.
import type { Verdict } from './schema'

const ALL: Record<Verdict, true> = {
  prohibit: true, needs_investigation: true, conditional: true, undetermined: true, notice: true, clear: true,
}
export const VERDICTS = Object.keys(ALL) as Verdict[]
