// The verdict plate: one function from (verdict, complete, counts) to everything the plate shows, says aloud and copies.
import type { Verdict } from '../api/schema'
import { comma, say as sayInPage, type Say } from '../i18n'

export interface PlateCounts {
  findings: number // rules with the headline's verdict
  statutes: number // prohibiting rules from a statute that no written decision lifts
  fixed: number // prohibitions that cannot be lifted, whatever their source
  notices: number
  layers: number // asked
  answered: number // asked and without any gap
  hits: number // asked, answered or not, with an overlap
  firing: number // findings besides those that only repeat a gap
  gaps: number
  inputs: string[] // what the asker left out, in words
  records: string[] // what the records do not say, in words
  dataDate: string
}

export interface Plate {
  look: Verdict // decides colour, icon and outline; never 'clear' unless the check is complete
  outline: 'solid' | 'dashed'
  title: string
  text: string
  warning: string | null // undetermined and incomplete: the sentence under the rule
  weld: { title: string; text: string } | null
  announcement: string
  fault: boolean // the server sent a combination that cannot occur
}

/**
 * The table of the interface design §5.2, verdict × complete.
 * notice and clear cannot be incomplete: they are then drawn as undetermined and marked as a fault of the server.
 */
export function plate(verdict: Verdict, complete: boolean, counts: PlateCounts, say: Say = sayInPage): Plate {
  if (!complete && (verdict === 'notice' || verdict === 'clear')) {
    return { ...undeterminedByGaps(counts, say), fault: true }
  }
  if (!complete && verdict === 'undetermined') return undeterminedByGaps(counts, say)
  return complete ? whole(verdict, counts, say) : welded(verdict, counts, say)
}

function sentence(verdict: Verdict, counts: PlateCounts, say: Say): string {
  const n = counts.findings
  switch (verdict) {
    case 'prohibit':
      if (counts.statutes > 0) return say('plate.prohibitFixed', { n, m: counts.statutes })
      return say(counts.fixed === 0 ? 'plate.prohibitLiftable' : 'plate.prohibitOther', { n })
    case 'needs_investigation':
      return say('plate.investigateText', { n })
    case 'conditional':
      return say('plate.conditionalText', { n })
    case 'undetermined':
      return openSentence(counts, say)
    case 'notice':
      return say('plate.noticeText', { layers: counts.layers })
    case 'clear':
      return say('plate.clearText', { layers: counts.layers, date: counts.dataDate })
  }
}

function openSentence({ inputs, records, findings }: PlateCounts, say: Say): string {
  const list = inputs.join(comma())
  const data = records.join(comma())
  if (inputs.length && records.length) return say('plate.undeterminedBoth', { list, data })
  if (inputs.length) return say('plate.undeterminedInputText', { list })
  return data ? say('plate.undeterminedDataText', { list: data }) : say('plate.undeterminedRecords', { n: findings })
}

const TITLES: Record<Verdict, string> = {
  prohibit: 'plate.prohibit',
  needs_investigation: 'plate.investigate',
  conditional: 'plate.conditional',
  undetermined: 'plate.undeterminedInput',
  notice: 'plate.notice',
  clear: 'plate.clear',
}

/** Every layer answered. */
function whole(verdict: Verdict, counts: PlateCounts, say: Say): Plate {
  const key = verdict === 'undetermined' && !counts.inputs.length ? 'plate.undeterminedData' : TITLES[verdict]
  const title = say(key, { n: counts.findings })
  const saysCoverageItself = verdict === 'undetermined' || verdict === 'notice' || verdict === 'clear'
  const text = sentence(verdict, counts, say) + (saysCoverageItself ? '' : gapBetween(say) + say('plate.allAnswered', { layers: counts.layers }))
  return {
    look: verdict, outline: 'solid', title, text, warning: null, weld: null, fault: false,
    announcement: say('plate.announceComplete', { verdict: title, sentence: text }),
  }
}

/** Something was found, and something is missing: the gap plate is welded to the verdict. */
function welded(verdict: Verdict, counts: PlateCounts, say: Say): Plate {
  const conditional = verdict === 'conditional'
  const title = say(conditional ? 'plate.conditionalOpen' : TITLES[verdict])
  const text = conditional ? say('plate.conditionalOpenText', { n: counts.findings }) : sentence(verdict, counts, say)
  const weldText = { prohibit: 'plate.weldProhibit', needs_investigation: 'plate.weldInvestigate' }[verdict as string]
  return {
    look: verdict, outline: 'dashed', title, text, warning: null, fault: false,
    weld: {
      title: say(conditional ? 'plate.weld' : 'plate.weldAnd', { n: counts.gaps }),
      text: say(weldText ?? 'plate.weldConditional'),
    },
    announcement: say('plate.announceIncomplete', { verdict: title, n: counts.gaps }),
  }
}

/** Nothing can be said because data are missing. */
function undeterminedByGaps(counts: PlateCounts, say: Say): Plate {
  const title = say('plate.undeterminedGaps', { n: counts.gaps })
  const found = !counts.hits ? 'plate.noHit' : counts.firing ? 'plate.someHit' : 'plate.hitNoRule'
  const warning = say(found, { answered: counts.answered, hits: counts.hits })
    + (counts.notices ? gapBetween(say) + say('plate.alsoNotices', { n: counts.notices }) : '')
  return {
    look: 'undetermined', outline: 'dashed', title, warning, weld: null, fault: false,
    text: say('plate.answeredOf', { layers: counts.layers, answered: counts.answered }),
    announcement: say('plate.announceUndetermined', { verdict: title }),
  }
}

/** Sentences stand apart by a space in English and by nothing in Chinese. */
function gapBetween(say: Say): string {
  return say('verdict.clear') === '未发现限制' ? '' : ' '
}
