// Light and dark: the style and the legend come in light colours; the dark ones are one table of the symbols.
const HEX = /#[0-9A-Fa-f]{6}\b/g

/** Replaces every colour of a JSON value or an SVG text, image ids included, by its dark twin. */
export function recolour<T>(value: T, dark: Record<string, string> | null): T {
  if (!dark) return value
  const table = new Map(Object.entries(dark).map(([light, night]) => [light.toUpperCase(), night]))
  const swap = (text: string) => text.replace(HEX, (hex) => table.get(hex.toUpperCase()) ?? hex)
  return (typeof value === 'string' ? swap(value) : JSON.parse(swap(JSON.stringify(value)))) as T
}

/** Multiplies an opacity, a number or an expression; `zoom` must stay the outermost input of an expression. */
export function scaled(value: unknown, factor: number): unknown {
  if (factor === 1) return value ?? 1
  if (value === undefined) return factor
  if (typeof value === 'number') return value * factor
  if (!Array.isArray(value)) return value
  const [operator] = value as [string]
  if (operator === 'interpolate') {
    return value.map((part, i) => (i >= 4 && i % 2 === 0 ? scaled(part, factor) : part))
  }
  if (operator === 'step') {
    return value.map((part, i) => (i >= 2 && i % 2 === 0 ? scaled(part, factor) : part))
  }
  return ['*', factor, value]
}
