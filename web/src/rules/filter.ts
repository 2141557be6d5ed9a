// Which rules are shown: by words and by the kind of what they rest on.
import type { Rule } from '../api/schema'

export const KINDS = ['statute', 'standard', 'policy', 'default'] as const
export type Kind = (typeof KINDS)[number]

/** The rules that hold all the words, and rest on a text of this kind or use a number of it. */
export function matching(rules: Rule[], words: string, kind: Kind | null): Rule[] {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean)
  return rules.filter((rule) => {
    const kinds = [...rule.basis, ...rule.parameters].map((one) => one.kind)
    if (kind && !kinds.includes(kind)) return false
    const said = [
      rule.id, rule.title, rule.reason, rule.reason_en, rule.looks_at, rule.group_title,
      ...rule.basis.map((one) => `${one.text} ${one.article ?? ''}`), ...rule.needs_titles,
    ].join('\n').toLowerCase()
    return wanted.every((word) => said.includes(word))
  })
}

/** By group, in the order of the book. */
export function grouped(rules: Rule[]): { id: string; title: string; rules: Rule[] }[] {
  const groups = new Map<string, { id: string; title: string; rules: Rule[] }>()
  for (const rule of rules) {
    const group = groups.get(rule.group) ?? { id: rule.group, title: rule.group_title, rules: [] }
    group.rules.push(rule)
    groups.set(rule.group, group)
  }
  return [...groups.values()]
}
