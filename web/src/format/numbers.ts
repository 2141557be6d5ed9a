// Numbers, areas, dates as people here read them: thin space between thousands, hm² with 4 decimals, m² with 2.
const THIN = '\u2009'

/** 15269.7, 2 → "15 269.70" with a thin space. */
export function number(value: number, decimals = 0): string {
  const [whole = '0', part] = Math.abs(value).toFixed(decimals).split('.')
  const grouped = whole.length > 4 ? whole.replace(/\B(?=(\d{3})+$)/g, THIN) : whole
  const sign = value < 0 && Number(value.toFixed(decimals)) !== 0 ? '−' : ''
  return sign + grouped + (part ? `.${part}` : '')
}

export function squareMetres(value: number): string {
  return `${number(value, 2)} m²`
}

export function hectares(m2: number): string {
  return `${number(m2 / 10_000, 4)} hm²`
}

/** An area as the page shows it while drawing: m² while small, hm² from one hectare on. */
export function area(m2: number): string {
  return m2 < 10_000 ? squareMetres(m2) : hectares(m2)
}

/** A share 0..1 as per cent; never rounds something to nothing or a part to the whole. */
export function share(value: number): string {
  if (value > 0 && value < 0.0001) return '<0.01%'
  if (value < 1 && value > 0.9999) return '>99.99%'
  return `${(value * 100).toFixed(value === 1 ? 0 : 2)}%`
}

export function distance(m: number): string {
  if (m >= 10_000) return `${number(m / 1000, 1)} km`
  return `${number(m, m < 100 ? 1 : 0)} m`
}

/** Takes a date or a moment of the interface and gives the day on screen, in the reader's time zone. */
export function day(value: string | null | undefined): string {
  if (!value) return ''
  if (/^\d{4}-\d{2}-\d{2}$/.test(value)) return value
  const moment = new Date(value)
  if (Number.isNaN(moment.getTime())) return value
  const pad = (n: number) => String(n).padStart(2, '0')
  return `${moment.getFullYear()}-${pad(moment.getMonth() + 1)}-${pad(moment.getDate())}`
}

export function minute(value: string): string {
  const moment = new Date(value)
  if (Number.isNaN(moment.getTime())) return value
  const pad = (n: number) => String(n).padStart(2, '0')
  return `${day(value)} ${pad(moment.getHours())}:${pad(moment.getMinutes())}`
}

/** Whole months between two days, for "past its refresh time by n months". */
export function monthsBetween(from: string, to: string): number {
  const [fy = 0, fm = 0, fd = 0] = from.split('-').map(Number)
  const [ty = 0, tm = 0, td = 0] = to.split('-').map(Number)
  return (ty - fy) * 12 + (tm - fm) - (td < fd ? 1 : 0)
}
