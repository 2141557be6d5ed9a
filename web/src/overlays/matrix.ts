// The tables of an overlay as they stand on screen. Nothing is worked out anew: the server's rows are laid into cells.
import { VERDICTS } from '../api/verdicts'
import type { Verdict } from '../api/schema'
import { number } from '../format/numbers'
import type { Conflict, LaidLayer, Side } from '../api/schema'

/** What was clicked: a class of use (undefined: all of them) and either a verdict or a layer. */
export interface Cell { use?: string | null; verdict?: Verdict; layer?: string }

export interface Matrix<K extends string> {
  columns: K[]
  rows: { use: string | null; title: string; cells: number[]; total: number }[]
  totals: number[]
  total: number
}

function laid<K extends string>(side: Side, columns: readonly K[], found: (use: string | null, column: K) => number): Matrix<K> {
  const rows = side.uses.map(({ use, title, area_m2 }) => ({ use, title, cells: columns.map((column) => found(use, column)), total: area_m2 }))
  return { columns: [...columns], rows, totals: columns.map((_, at) => rows.reduce((sum, row) => sum + row.cells[at]!, 0)), total: side.area.area_m2 }
}

/** The partition by the worst verdict: rows and columns add up to the area. */
export function byVerdict(side: Side): Matrix<Verdict> {
  return laid(side, VERDICTS, (use, verdict) => sum(side.verdicts.filter((row) => row.use === use && row.verdict === verdict)))
}

/** Under each layer: layers lie on each other, so this does not add up. Only layers that lie there, or of which something is missing. */
export function byLayer(side: Side): Matrix<string> {
  const told = toldLayers(side).map(({ layer }) => layer)
  return laid(side, told, (use, layer) => sum(side.by_layer.filter((row) => row.use === use && row.layer === layer)))
}
export const toldLayers = (side: Side): LaidLayer[] => side.layers.filter(({ state, incomplete }) => state === 'hit' || incomplete)

const sum = (rows: { area_m2: number }[]) => rows.reduce((all, { area_m2 }) => all + area_m2, 0)

/** Square metres as hectares with four decimals; nothing is "0", and what is there is never written as nothing. */
export function hm2(m2: number): string {
  if (m2 === 0) return '0'
  return Math.abs(m2) < 0.5 ? '<0.0001' : number(m2 / 10_000, 4)
}

export function conflictsIn(side: Side, cell: Cell | null): Conflict[] {
  if (!cell) return side.conflicts
  return side.conflicts.filter((one) => (cell.use === undefined || one.use === cell.use)
    && (!cell.verdict || one.verdict === cell.verdict) && (!cell.layer || one.layer === cell.layer || one.feature.layer === cell.layer))
}

/** The plots that a cell is about: those whose verdict it is, and those on which a finding says so. */
export function plotsIn(side: Side, cell: Cell | null): Set<number> {
  if (!cell) return new Set()
  const own = side.plots.filter((one) => (cell.use === undefined || one.use === cell.use)
    && (cell.verdict ? one.verdict === cell.verdict : one.touched.some(({ layer }) => layer === cell.layer)))
  return new Set([...own.map(({ plot }) => plot), ...conflictsIn(side, cell).map(({ plot }) => plot)])
}

export const sameCell = (a: Cell | null, b: Cell | null): boolean => !!a && !!b && a.use === b.use && a.verdict === b.verdict && a.layer === b.layer

/** "+1.0415", "−3.5737", "0": the sign always stands before a change. */
export function signed(m2: number): string {
  const text = hm2(Math.abs(m2))
  return text === '0' ? '0' : `${m2 > 0 ? '+' : '−'}${text}`
}
