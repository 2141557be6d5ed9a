// The catalog and the rules in English. Ids and values are English words already: they are told as such, so that a new
// layer, matter or rule needs no second file. Names of laws stay Chinese.
import type { Basis, CatalogAnswer as Catalog, CatalogLayer, Rule } from '../api/schema'
import { language, say } from '../i18n'

/** "nonferrous_smelting" → "Nonferrous smelting". */
export function humanised(id: string): string {
  const words = id.replaceAll('_', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/** What the server names in Chinese alone, by its id in English. */
export function titled(id: string, title: string): string {
  return language() === 'en' ? humanised(id) : title
}

/** A law and its article; our own rules, which are no law, by their English name. */
export function lawText({ text, article, kind }: Basis): string {
  return [language() === 'en' && kind === 'default' ? say('basis.own') : text, article].filter(Boolean).join(' ')
}

/** Who is in charge, by the names that departments have in layer files. */
const DEPARTMENTS: Record<string, string> = {
  生态环境主管部门: 'ecology and environment authority', 自然资源主管部门: 'natural resources authority', 水行政主管部门: 'water authority',
  农业农村主管部门: 'agriculture authority', 住房城乡建设主管部门: 'housing and construction authority', 民政部门: 'civil affairs authority',
  园区管委会: 'park administration', 兵团: 'Production and Construction Corps', 申请人: 'applicant',
}
const LEVELS: [string, string][] = [['自治区', 'regional '], ['州', 'prefecture '], ['县级', 'county ']]

export function departments(owner: string): string {
  return owner.split('、').map((one) => {
    const [level, told] = LEVELS.find(([prefix]) => one.startsWith(prefix)) ?? ['', '']
    const name = DEPARTMENTS[one.slice(level.length)]
    return name ? told + name : one
  }).join(', ')
}

const choices = (given: Record<string, string> | null | undefined) => Object.fromEntries(Object.keys(given ?? {}).map((value) => [value, humanised(value)]))

function layer(one: CatalogLayer): CatalogLayer {
  return {
    ...one, title: one.title_en || one.title, owner: departments(one.owner), note: null,
    fields: one.fields.map((field) => ({ ...field, title: field.title_en || field.title, unit: field.unit === '倍' ? 'times' : field.unit === '猪当量' ? 'pig equivalents' : field.unit, choices: choices(field.choices) })),
  }
}

export function inEnglish(catalog: Catalog): Catalog {
  return {
    ...catalog,
    groups: catalog.groups.map((group) => ({ ...group, title: group.title_en || group.title, layers: group.layers.map(layer) })),
    actions: catalog.actions.map(({ id }) => ({ id, title: humanised(id) })),
    project_flags: catalog.project_flags.map((flag) => ({ ...flag, title: humanised(flag.id), choices: choices(flag.choices) })),
  }
}

/** A number of the rules: its name without the unit, which stands beside its value. */
export function parameterTitle(name: string): string {
  return humanised(name.replace(/_m2?$/, ''))
}

export function ruleInEnglish(rule: Rule, layerTitle: (id: string) => string): Rule {
  const relation = say(`relation.${rule.relation}`)
  return {
    ...rule, title: rule.reason_en, reason: '', reason_en: '', group_title: humanised(rule.group),
    looks_at: rule.relation === 'self' ? relation : `${rule.layer === 'any' ? say('relation.any') : layerTitle(rule.layer)}: ${relation}`,
    parameters: rule.parameters.map((one) => ({ ...one, title: parameterTitle(one.name), why: '' })),
    override: rule.override && { ...rule.override, words: humanised(rule.override.kind) },
  }
}
