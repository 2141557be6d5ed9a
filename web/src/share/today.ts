// The day in Beijing, by which the server counts days.
const OFFSET_MS = 8 * 3_600_000

export function today(now = Date.now()): string {
  return new Date(now + OFFSET_MS).toISOString().slice(0, 10)
}
