// The answer in words, for the clipboard: number, verdict, completeness, gaps and link always go together.
import type { CatalogAnswer as Catalog, CheckAnswer, Gap } from '../api/schema'
import { language, say as sayInPage, type Say } from '../i18n'
import { isComplete, layerIndex, plateCounts } from './counts'
import { plate } from './plate'

/** Why something is missing: the server's own sentence, which is Chinese; in English by its kind. */
export function gapText(gap: { kind: string; message: string }, say: Say = sayInPage): string {
  return language() === 'en' ? say(`gapReason.${gap.kind}`) : gap.message
}

export function verdictText(answer: CheckAnswer, catalog: Catalog | null, link: string, say: Say = sayInPage): string {
  const made = plate(answer.verdict, isComplete(answer), plateCounts(answer, catalog, say), say)
  const titles = layerIndex(catalog)
  const gap = (g: Gap) => `- ${titles.get(g.layer)?.title ?? g.layer}${say('app.colon')}${gapText(g, say)}`
  return [
    `${say('panel.number')} ${answer.number}`,
    `${made.title}。${made.text}`,
    ...(made.weld ? [`${made.weld.title}。${made.weld.text}`] : []),
    ...(made.warning ? [made.warning] : []),
    ...answer.gaps.map(gap),
    say('panel.asOf', { date: answer.as_of }),
    link,
  ].join('\n')
}
