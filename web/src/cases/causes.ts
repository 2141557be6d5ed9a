// Why an answer came out differently, in words.
import type { Cause } from '../api/schema'
import { say as sayInPage, type Say } from '../i18n'
import { layerTitle } from '../state/catalog'

const MOST = 3

export function causeText(cause: Cause, say: Say = sayInPage, title = layerTitle): string {
  const layer = cause.layer ? title(cause.layer) : ''
  if (cause.kind === 'feature' && (cause.change === 'came' || cause.change === 'went')) {
    return say(`changes.${cause.change}`, { what: [layer, cause.name ?? cause.code].filter(Boolean).join(' ') })
  }
  if (cause.layer === 'parcel') return say('changes.cause_boundary')
  return say(`changes.cause_${cause.kind}`, { layer })
}

export function causesText(causes: readonly Cause[], say: Say = sayInPage, title = layerTitle): string {
  const texts = [...new Set(causes.map((cause) => causeText(cause, say, title)))]
  return texts.slice(0, MOST).join(say('app.semicolon')) + (texts.length > MOST ? say('changes.andMore', { n: texts.length }) : '')
}
