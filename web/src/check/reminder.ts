// What is missing, put into words for those who are to supply it: one paragraph for each office.
import type { CatalogAnswer as Catalog, CheckAnswer } from '../api/schema'
import { say as sayInPage, type Say } from '../i18n'
import { layerIndex } from './counts'
import { gapText } from './words'

export function reminderText(answer: CheckAnswer, catalog: Catalog | null, link: string, say: Say = sayInPage): string {
  const layers = layerIndex(catalog)
  const byOwner = new Map<string, string[]>()
  for (const gap of answer.gaps) {
    const layer = layers.get(gap.layer)
    const owner = layer?.owner ?? say('report.nobody')
    byOwner.set(owner, [...(byOwner.get(owner) ?? []), `- ${layer?.title ?? gap.layer}${say('app.colon')}${gapText(gap, say)}`])
  }
  const parts = [...byOwner].map(([owner, lines]) => [`${owner}${say('app.colon')}`, ...lines].join('\n'))
  return [say('report.remindLead', { number: answer.number }), ...parts, link].join('\n\n')
}
