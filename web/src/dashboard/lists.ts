// The list behind a number: whatever the server lists there, as a code, a name and what stands beside it.
export interface Line {
  key: string
  name: string
  beside: string
}

type Listed = Record<string, unknown>

/** The first list in an answer, a line for each of its entries; features bring their properties. */
export function linesOf(answer: Record<string, unknown>): Line[] {
  const found = Object.values(answer).find((value): value is Listed[] => Array.isArray(value)) ?? []
  return found.map((one) => {
    const told = { ...one, ...((one.properties as Listed | undefined) ?? {}) }
    const text = (name: string): string => (told[name] === null || told[name] === undefined ? '' : String(told[name]))
    return {
      key: text('number') || text('code') || text('id'),
      name: text('title') || text('name') || text('site'),
      beside: text('state_title') || text('kind_title') || text('last_hidden_danger_check') || text('class') || text('county_name'),
    }
  })
}

/** A share in percent without a false hundred: 99.96 % is not all. */
export function share(value: number, of: number | null): number | null {
  if (!of) return null
  const percent = (100 * value) / of
  return value < of ? Math.min(99.9, Math.floor(percent * 10) / 10) : 100
}
