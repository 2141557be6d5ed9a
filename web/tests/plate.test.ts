// The full 6 × 2 table of the interface design §5.2, in both languages, and the rules that outrank taste.
import { describe, expect, it } from 'vitest'
import { VERDICTS } from '../src/api/verdicts'
import type { Verdict } from '../src/api/schema'
import { plate, type PlateCounts } from '../src/check/plate'
import { say, setLanguage } from '../src/i18n'

const counts: PlateCounts = {
  findings: 2, statutes: 1, fixed: 1, notices: 1, layers: 22, answered: 19, hits: 0, firing: 2, gaps: 3,
  inputs: ['拟用途'], records: [], dataDate: '2026-10-01',
}
const table = (which: Partial<PlateCounts> = {}) =>
  VERDICTS.flatMap((verdict) => [true, false].map((complete) => {
    const made = plate(verdict, complete, { ...counts, ...(complete ? { gaps: 0, answered: 22 } : {}), ...which })
    return { verdict, complete, ...made }
  }))

describe('the verdict plate', () => {
  it('says the twelve sentences of the table in Chinese', async () => {
    await setLanguage('zh')
    expect(table()).toMatchSnapshot()
  })

  it('says them in English', async () => {
    await setLanguage('en')
    expect(table()).toMatchSnapshot()
    await setLanguage('zh')
  })

  it('says word for word what the design fixes', () => {
    const words = (verdict: Verdict, complete: boolean, more: Partial<PlateCounts> = {}) => {
      const p = plate(verdict, complete, { ...counts, ...more }, say)
      return [p.title, p.text, p.weld?.title, p.weld?.text, p.warning].filter(Boolean).join('/')
    }
    expect(words('prohibit', false)).toBe('不得办理/命中 2 条禁止规定，其中 1 条出自法律，任何书面决定都不能放行。/且核查不完整：缺 3 项资料/补齐后可能查出更多限制。')
    expect(words('prohibit', true, { statutes: 0, fixed: 0 })).toBe('不得办理/命中 2 条禁止规定，可凭书面决定放行，须登记文号。应查的 22 个图层已全部核对。')
    expect(words('needs_investigation', false)).toBe('须先调查/办理前须先完成调查或评估，涉及 2 条规定。/且核查不完整：缺 3 项资料/补齐后可能得出“不得办理”。')
    expect(words('conditional', false)).toBe('条件未查全/已知 2 项条件/核查不完整：缺 3 项资料/补齐前不要据此办理，可能另有条件、须先调查或不得办理。')
    expect(words('undetermined', true)).toBe('无法判定：缺少填报信息/图层齐全，但未填写：拟用途。补填后即可得出结论。')
    expect(words('undetermined', true, { inputs: [], records: ['“状态”'] })).toBe('无法判定：资料内容不全/图层齐全，但资料中没有写明：“状态”。')
    expect(words('undetermined', true, { inputs: [], findings: 1 })).toBe('无法判定：资料内容不全/图层齐全，但有 1 条记录不足以下结论，见下。')
    expect(words('undetermined', false, { notices: 0 })).toBe('无法判定：缺 3 项资料/应查 22 个图层，只查到 19 个。/查到的 19 个图层没有命中。这不等于“没有限制”，不能据此办理。')
    expect(words('notice', true, { findings: 2 })).toBe('未发现限制，有 2 条提示/应查的 22 个图层已全部核对，没有命中限制。办理前请看下列提示。')
    expect(words('clear', true)).toBe('未发现限制/应查的 22 个图层已全部核对，数据截至 2026-10-01。只对本次事项、拟用途和日期有效，不代替土壤污染状况调查。')
  })

  it('is never green while anything is missing, and never says that nothing was found', () => {
    for (const row of table().filter((r) => !r.complete)) {
      expect(row.look).not.toBe('clear')
      expect(row.look).not.toBe('notice')
      expect(row.outline).toBe('dashed')
      expect(JSON.stringify([row.title, row.text, row.weld, row.announcement])).not.toContain('未发现限制')
      expect(row.announcement).toMatch(/不完整|无法判定/)
    }
  })

  it('is green for clear and complete alone', () => {
    expect(table().filter((r) => r.look === 'clear').map((r) => [r.verdict, r.complete])).toEqual([['clear', true]])
  })

  it('draws what the server must never send as undetermined and marks the fault', () => {
    for (const verdict of ['notice', 'clear'] as const) {
      const made = plate(verdict, false, counts)
      expect(made.fault).toBe(true)
      expect({ ...made, fault: false }).toEqual(plate('undetermined', false, counts))
    }
  })

  it('does not say that nothing was hit when something was', () => {
    expect(plate('undetermined', false, { ...counts, hits: 2 }).warning).toContain('有 2 个命中')
    expect(plate('undetermined', false, { ...counts, hits: 2 }).warning).not.toContain('没有命中')
    expect(plate('undetermined', false, { ...counts, hits: 2, firing: 0 }).warning).toContain('2 个命中，都没有触发规定')
  })

  it('does not promise a written decision where none lifts the ban', () => {
    expect(plate('prohibit', true, { ...counts, statutes: 0, fixed: 1 }).text).not.toContain('放行')
  })

  it('never uses the words that would read as a go', () => {
    expect(JSON.stringify(table())).not.toMatch(/通过|合格|无问题|安全|可以办理/)
  })
})
