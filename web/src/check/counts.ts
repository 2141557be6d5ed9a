// From a stored answer to what the panel counts and lists. Nothing is judged here: the server's words are only sorted.
import type { CatalogAnswer as Catalog, CatalogLayer, CheckAnswer, Finding } from '../api/schema'
import { say as sayInPage, type Say } from '../i18n'
import type { PlateCounts } from './plate'

/** An answer is complete only when the server says so and no gap stands; a contradiction counts as incomplete. */
export function isComplete(answer: CheckAnswer): boolean {
  return answer.complete && answer.gaps.length === 0
}

/** Findings as the panel lists them: those that only repeat a gap stand among the gaps instead. */
export function shownFindings(answer: CheckAnswer): Finding[] {
  return answer.findings.filter((f) => f.certainty !== 'near_miss' && f.relation !== 'coverage')
}

export function nearMisses(answer: CheckAnswer): Finding[] {
  return answer.findings.filter((f) => f.certainty === 'near_miss')
}

/** Findings of one rule with one outcome are one entry, however many features they name. */
export function groupFindings(findings: Finding[]): Finding[][] {
  const groups = new Map<string, Finding[]>()
  for (const finding of findings) {
    const key = `${finding.verdict}|${finding.rule}|${finding.overridable}|${[...finding.missing].sort().join()}`
    groups.set(key, [...(groups.get(key) ?? []), finding])
  }
  return [...groups.values()]
}

export function gapLayers(answer: CheckAnswer): Set<string> {
  const unusable = answer.layers.filter((l) => l.state !== 'hit' && l.state !== 'clear').map((l) => l.layer)
  return new Set([...answer.gaps.map((g) => g.layer), ...unusable])
}

export function layerIndex(catalog: Catalog | null): Map<string, CatalogLayer> {
  return new Map(catalog?.groups.flatMap((g) => g.layers).map((l) => [l.id, l]) ?? [])
}

const INPUTS = new Set(['proposed_use', 'current_use', 'action'])

/** True for what the asker can fill in; else the records lack it. */
export function isInput(name: string): boolean {
  return INPUTS.has(name) || name.startsWith('project.')
}

/** "project.livestock" or "suspected_plot.status" in words. */
export function missingTitle(name: string, catalog: Catalog | null, say: Say = sayInPage): string {
  if (INPUTS.has(name) || name === 'investigation_report') return say(`input.${name}`)
  const [owner = '', field = ''] = name.split('.')
  if (owner === 'project') return catalog?.project_flags.find((f) => f.id === field)?.title ?? field
  const layer = layerIndex(catalog).get(owner)
  if (!layer) return name
  const title = layer.fields.find((f) => f.id === field)?.title ?? ''
  return title ? layer.title + say('app.quoted', { text: title }) : layer.title
}

function missingIn(findings: Finding[], wanted: (name: string) => boolean): string[] {
  return [...new Set(findings.flatMap((f) => f.missing).filter(wanted))].sort((a, b) => place(a) - place(b))
}

/** The sentences of the plate count rules: two plots under one rule are one rule. */
function rules(findings: Finding[]): number {
  return new Set(findings.map((f) => f.rule)).size
}

const ORDER = ['action', 'current_use', 'proposed_use']
const place = (name: string) => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length)

export function plateCounts(answer: CheckAnswer, catalog: Catalog | null, say: Say = sayInPage): PlateCounts {
  const findings = shownFindings(answer)
  const headline = findings.filter((f) => f.verdict === answer.verdict)
  const lacking = gapLayers(answer)
  const open = findings.filter((f) => f.verdict === 'undetermined')
  const words = (names: string[]) => names.map((name) => missingTitle(name, catalog, say))
  const dates = answer.layers.map((l) => l.data_date).filter((d): d is string => !!d).sort()
  return {
    findings: rules(headline),
    statutes: rules(headline.filter((f) => !f.overridable && f.basis.some((b) => b.kind === 'statute'))),
    fixed: rules(headline.filter((f) => !f.overridable)),
    notices: rules(findings.filter((f) => f.verdict === 'notice')),
    layers: answer.layers.length,
    answered: answer.layers.filter((l) => !lacking.has(l.layer)).length,
    hits: answer.layers.filter((l) => l.state === 'hit').length,
    firing: findings.length,
    gaps: answer.gaps.length,
    inputs: words(missingIn(open, isInput)),
    records: words(missingIn(open, (name) => !isInput(name))),
    dataDate: dates.at(-1) ?? answer.as_of,
  }
}

/** Layers that were hit without any rule that applies: said, so that a filled cell is never unexplained. */
export function silentHits(answer: CheckAnswer): string[] {
  const told = new Set(answer.findings.flatMap((f) => [f.layer, f.feature?.layer ?? f.layer]))
  return answer.layers.filter((l) => l.state === 'hit' && !told.has(l.layer)).map((l) => l.layer)
}
