// Faults of a file: where they are and how they tie to its lines.
import type { Issue } from '../api/schema'
import { say } from '../i18n'

/** "第 17 行：", or nothing where no line is named or the message names it itself. */
export function issuePlace(issue: Issue): string {
  if (issue.row === null) return ''
  const named = new RegExp(`第\\s*${issue.row}\\s*行|\\b(?:row|line) ${issue.row}\\b`, 'i').test(issue.message)
  return named ? '' : say('preview.row', { row: issue.row }) + say('app.colon')
}

export interface SourceLine {
  row: number
  text: string
  parts: { text: string; wrong: boolean }[]
  issues: number[] // indexes into the list of issues
  fault: boolean
}

/** The lines of the file with the places that issues name marked in them. */
export function sourceLines(lines: string[], issues: Issue[]): SourceLine[] {
  return lines.map((text, i) => {
    const row = i + 1
    const here = issues.map((issue, n) => ({ issue, n })).filter(({ issue }) => issue.row === row)
    return {
      row, text,
      parts: marked(text, here.map(({ issue }) => issue.value).filter((v): v is string => !!v)),
      issues: here.map(({ n }) => n),
      fault: here.some(({ issue }) => issue.severity === 'error'),
    }
  })
}

function marked(text: string, values: string[]): SourceLine['parts'] {
  const spans = values.map((value) => [text.indexOf(value), value.length] as const)
    .filter(([at]) => at >= 0).sort((a, b) => a[0] - b[0])
  const parts: SourceLine['parts'] = []
  let from = 0
  for (const [at, length] of spans) {
    if (at < from) continue
    if (at > from) parts.push({ text: text.slice(from, at), wrong: false })
    parts.push({ text: text.slice(at, at + length), wrong: true })
    from = at + length
  }
  if (from < text.length) parts.push({ text: text.slice(from), wrong: false })
  return parts
}
