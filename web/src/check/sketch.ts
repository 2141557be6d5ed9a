// A faulty boundary-point file as it stands, in its own plane coordinates: for looking at, never for checking.
import type { Issue, Preview } from '../api/schema'

export interface SketchPoint { name: string; row: number; x: number; y: number; guessed: boolean }
export interface SketchRing { points: SketchPoint[]; gap: boolean }
export interface SketchPlot { name: string; rings: SketchRing[] }
export interface SketchFault { n: number; x: number; y: number; error: boolean }

const POINT = /^\s*([^,]*),\s*(\d+)\s*,\s*([\d.]+)\s*,\s*([\d.]+)\s*$/
const PLOT = /^\s*\d+\s*,[^,]*,([^,]*),([^,]*),/
const wholeDigits = (text: string) => text.split('.')[0]!.length
const CLOSE_M = 0.01 // closing points may differ by this much (the surveying format)

/** Plots and rings of a boundary-point TXT; what is no point line is passed over. X is north, Y is east. */
export function plotsOf(lines: string[]): SketchPlot[] {
  const plots: SketchPlot[] = []
  lines.forEach((line, i) => {
    const text = line.replaceAll('，', ',').replaceAll('＠', '@')
    const point = POINT.exec(text)
    if (!point) {
      const head = text.includes('=') ? null : PLOT.exec(text)
      if (head) plots.push({ name: head[2] || head[1] || '', rings: [] })
      return
    }
    const plot = plots.at(-1)
    if (!plot) return
    const [, name = '', ring = '1', first = '', second = ''] = point
    const swapped = wholeDigits(first) === 8 && wholeDigits(second) === 7
    const [north, east] = swapped ? [second, first] : [first, second]
    const at = Number(ring) - 1
    const found = (plot.rings[at] ??= { points: [], gap: false })
    found.points.push({ name: name.trim(), row: i + 1, x: Number(east), y: Number(north), guessed: swapped })
  })
  for (const plot of plots) {
    plot.rings = plot.rings.filter(Boolean)
    for (const ring of plot.rings) ring.gap = opens(ring.points)
  }
  return plots.filter((plot) => plot.rings.length)
}

function opens(points: SketchPoint[]): boolean {
  const [first, last] = [points[0], points.at(-1)]
  return !!first && !!last && first !== last && first.name === last.name && Math.hypot(first.x - last.x, first.y - last.y) > CLOSE_M
}

/** Faults that name a line with a point, where that point is drawn. */
export function faultsOf(plots: SketchPlot[], issues: Issue[]): SketchFault[] {
  const byRow = new Map(plots.flatMap((p) => p.rings.flatMap((r) => r.points)).map((point) => [point.row, point]))
  return issues.flatMap((issue, n) => {
    const point = issue.row === null ? undefined : byRow.get(issue.row)
    return point ? [{ n, x: point.x, y: point.y, error: issue.severity === 'error' }] : []
  })
}

/** The plane box of what lies together: a stray point far off (wrong zone, wrong axis) does not shrink the rest away. */
export function boxOf(plots: SketchPlot[]): [number, number, number, number] | null {
  const points = plots.flatMap((p) => p.rings.flatMap((r) => r.points))
  if (!points.length) return null
  const median = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)]!
  const [mx, my] = [median(points.map((p) => p.x)), median(points.map((p) => p.y))]
  const near = points.filter((p) => Math.hypot(p.x - mx, p.y - my) < 20_000)
  const xs = near.map((p) => p.x)
  const ys = near.map((p) => p.y)
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)]
}

/** What there is to sketch, or null when the file is no text of boundary points. */
export function sketchOf(preview: Preview): { plots: SketchPlot[]; faults: SketchFault[]; box: [number, number, number, number] } | null {
  const plots = plotsOf(preview.text_lines ?? [])
  const box = boxOf(plots)
  return box && { plots, faults: faultsOf(plots, preview.issues), box }
}
