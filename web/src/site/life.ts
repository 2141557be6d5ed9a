// The life of a site as spans on one axis: how far it is, on which lists it stands, what keeps things from being done.
import { humanised } from '../state/english'
import type { Lifecycle, SiteCard, SiteEvent } from '../api/schema'

export type Lane = 'stage' | 'list' | 'bar'

export interface Span {
  lane: Lane
  title: string
  from: string | null // null: nobody recorded since when
  to: string | null // null: it still runs
  document: string
  event: number | null // the event that began it
}

/** Events that still stand, by the day from which they count. */
export function standing(events: readonly SiteEvent[]): SiteEvent[] {
  return events.filter((one) => one.corrected_by === null && one.kind !== 'void').sort((a, b) => a.on.localeCompare(b.on) || a.number - b.number)
}

function stages(site: SiteCard, cycle: Lifecycle, english: boolean): (Span & { stage: string })[] {
  const titles = new Map(cycle.stages.map((one) => [one.id, `${one.id} ${english ? one.title_en : one.title}`]))
  const goals = new Map(cycle.moves.map((one) => [one.id, one.to]))
  const moves = standing(site.events).filter((one) => one.kind === 'move' && goals.has(one.what))
  if (!moves.length) {
    const { stage } = site
    if (!stage || !stage.declared || stage.id === cycle.stages[0]?.id) return []
    return [{ lane: 'stage', title: titles.get(stage.id) ?? stage.title, from: stage.since, to: site.ended ?? null, document: '', event: null, stage: stage.id }]
  }
  return moves.map((one, at) => {
    const stage = goals.get(one.what)!
    return { lane: 'stage', title: titles.get(stage) ?? stage, from: one.on, to: moves[at + 1]?.on ?? site.ended ?? null, document: one.document_number, event: one.number, stage }
  })
}

/** What begins with one kind of event and ends with another, each time anew. */
function pairs(events: readonly SiteEvent[], lane: Lane, begins: string, ends: string): (Span & { what: string })[] {
  const found: (Span & { what: string })[] = []
  for (const one of events) {
    const running = found.findLast((span) => span.what === one.what && span.to === null)
    if (one.kind === begins && !running) found.push({ lane, title: one.title, from: one.on, to: null, document: one.document_number, event: one.number, what: one.what })
    if (one.kind === ends && running) running.to = one.on
  }
  return found
}

function lists(site: SiteCard, english: boolean): Span[] {
  const told = pairs(standing(site.events), 'list', 'enter', 'leave')
  const delivered = site.lists.filter((list) => !told.some((span) => span.what === list.layer)).map((list): Span & { what: string } => ({
    lane: 'list', title: english ? humanised(list.layer) : list.title, from: list.since, to: list.listed ? null : list.until ?? list.since, document: list.document ?? '', event: null, what: list.layer,
  }))
  return [...told, ...delivered]
}

/** Restrictions: those that a stage brings, for as long as it does, and those that were imposed. */
function bars(site: SiteCard, cycle: Lifecycle, through: (Span & { stage: string })[], english: boolean): Span[] {
  const found: Span[] = []
  for (const bar of cycle.bars) {
    const title = english ? humanised(bar.id) : bar.title
    for (const one of through) {
      if (!cycle.stages.find((stage) => stage.id === one.stage)?.bars.includes(bar.id)) continue
      const before = found.at(-1)
      if (before?.title === title && before.to === one.from) before.to = one.to
      else found.push({ lane: 'bar', title, from: one.from, to: one.to, document: bar.basis, event: one.event })
    }
  }
  return [...found, ...pairs(standing(site.events), 'bar', 'impose', 'lift')]
}

export function spansOf(site: SiteCard, cycle: Lifecycle, english = false): Span[] {
  const through = stages(site, cycle, english)
  const byStart = (a: Span, b: Span) => (a.from ?? '').localeCompare(b.from ?? '')
  const plain = ({ lane, title, from, to, document, event }: Span): Span => ({ lane, title, from, to, document, event })
  return [...through, ...lists(site, english).sort(byStart), ...bars(site, cycle, through, english).sort(byStart)].map(plain)
}

export interface Axis { from: number; to: number; years: number[] }

const DAY_MS = 86_400_000
const days = (day: string) => Date.parse(day) / DAY_MS

/** Whole years from the first known day to the end of the year after the last. */
export function axisOf(spans: readonly Span[], last: string): Axis {
  const known = [...spans.flatMap((one) => [one.from, one.to]), last].filter((day): day is string => day !== null).map((day) => Number(day.slice(0, 4)))
  const first = Math.min(...known)
  const end = Math.max(...known) + 1
  return { from: days(`${first}-01-01`), to: days(`${end}-01-01`), years: Array.from({ length: end - first + 1 }, (_, at) => first + at) }
}

/** Where a day lies on the axis, in per cent. */
export const placeOf = (day: string, axis: Axis): number => Math.max(0, Math.min(100, ((days(day) - axis.from) / (axis.to - axis.from)) * 100))
export const dayAt = (number: number): string => new Date(number * DAY_MS).toISOString().slice(0, 10)
export const dayNumber = days
