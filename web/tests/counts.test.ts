// From an answer to what the plate counts and the panel lists, and the plate as it stands in the page.
import { createApp, h } from 'vue'
import { beforeEach, describe, expect, it } from 'vitest'
import { VERDICTS } from '../src/api/verdicts'
import type { CatalogAnswer as Catalog, CheckAnswer, Finding } from '../src/api/schema'
import VerdictPlate from '../src/check/VerdictPlate.vue'
import { gapLayers, groupFindings, isComplete, missingTitle, plateCounts, shownFindings, silentHits } from '../src/check/counts'
import { plate } from '../src/check/plate'
import { verdictText } from '../src/check/words'
import { i18n, setLanguage } from '../src/i18n'

const finding = (given: Partial<Finding>): Finding => ({
  rule: 'REG-01', title: '禁止', verdict: 'prohibit', layer: 'risk_register_plot', feature: { id: '1', code: 'A', name: '甲', layer: 'risk_register_plot' }, county: null, relation: 'intersects',
  overlap_area_m2: 10, overlap_share: 0.1, overlap_length_m: null, distance_m: 0, reason: '因为', reason_en: '', basis: [{ text: '法', article: '1', kind: 'statute' }],
  overridable: false, override: null, certainty: 'certain', missing: [], ...given,
})
const answer = (given: Partial<CheckAnswer>): CheckAnswer => ({
  id: 'x', number: 'JT-1', verdict: 'prohibit', complete: false, checked_at: '2026-11-23T10:00:00+08:00', as_of: '2026-11-23', action: 'supply',
  purpose: '', known_at: null, proposed_use: null, current_use: null, project: {}, overrides: [], disputes: [],
  parcel: { parcel_no: null, area_m2: 100, counties: ['652301'], geometry: { type: 'Polygon', coordinates: [] } },
  findings: [], gaps: [], versions: { revision: 1, release: 'demo', catalog: 'sha256:0', rules: 'sha256:0' }, fingerprint: 'sha256:0',
  layers: ['hit', 'clear', 'no_data', 'outdated'].map((state, i) => ({
    layer: ['risk_register_plot', 'eco_redline', 'groundwater_recharge_zone', 'well'][i]!, title: '', state: state as 'hit', features: 0, overlap_area_m2: 0, overlap_share: 0, release: null, data_date: i < 2 ? `2026-0${i + 1}-01` : null,
  })), ...given,
})
const gap = (layer: string) => ({ layer, title: '', owner: '', county: '652301', kind: 'never_loaded' as const, message: `${layer}从未入库。` })
const catalog = {
  groups: [{ title: 'g', layers: [{ id: 'suspected_plot', title: '疑似污染地块', fields: [{ id: 'status', title: '状态', type: 'choice' }] }] }],
  project_flags: [{ id: 'livestock', title: '畜禽养殖', type: 'bool' }],
} as unknown as Catalog

beforeEach(() => setLanguage('zh'))

describe('what is counted', () => {
  it('counts rules, not features: two plots under one rule are one rule', () => {
    const counts = plateCounts(answer({ findings: [finding({}), finding({ feature: { id: '2', code: 'B', name: '乙', layer: 'risk_register_plot' } }), finding({ rule: 'REG-02', overridable: true })] }), null)
    expect([counts.findings, counts.statutes, counts.fixed]).toEqual([2, 1, 1])
  })
  it('counts a layer as answered only without any gap, hit or not', () => {
    const counts = plateCounts(answer({ gaps: [gap('risk_register_plot'), gap('groundwater_recharge_zone')] }), null)
    expect([counts.layers, counts.answered, counts.hits, counts.gaps]).toEqual([4, 1, 1, 2])
    expect([...gapLayers(answer({ gaps: [gap('risk_register_plot')] }))].sort()).toEqual(['groundwater_recharge_zone', 'risk_register_plot', 'well'])
  })
  it('names what was left out in the order of the dialog, and what the records lack apart from it', () => {
    const open = finding({ verdict: 'undetermined', missing: ['project.livestock', 'proposed_use', 'suspected_plot.status', 'action'] })
    const counts = plateCounts(answer({ verdict: 'undetermined', complete: true, findings: [open] }), catalog)
    expect(counts.inputs).toEqual(['事项', '拟用途', '畜禽养殖'])
    expect(counts.records).toEqual(['疑似污染地块“状态”'])
    expect(missingTitle('unknown.thing', catalog)).toBe('unknown.thing')
  })
  it('keeps the newest day that the data speak of', () => {
    expect(plateCounts(answer({}), null).dataDate).toBe('2026-02-01')
  })
  it('takes an answer with a gap as incomplete, whatever it says of itself', () => {
    expect(isComplete(answer({ complete: true, gaps: [gap('well')] }))).toBe(false)
    expect(isComplete(answer({ complete: true }))).toBe(true)
  })
})

describe('what is listed', () => {
  it('leaves findings that repeat a gap to the gaps, and near misses to themselves', () => {
    const findings = [finding({}), finding({ rule: 'DAT-01', relation: 'coverage', feature: null }), finding({ certainty: 'near_miss' })]
    expect(shownFindings(answer({ findings })).map((f) => f.rule)).toEqual(['REG-01'])
  })
  it('joins the features of one rule, and keeps other outcomes apart', () => {
    const groups = groupFindings([finding({}), finding({ verdict: 'undetermined', missing: ['action'] }), finding({ feature: null })])
    expect(groups.map((g) => g.length)).toEqual([2, 1])
  })
  it('says which hits touch no rule', () => {
    expect(silentHits(answer({}))).toEqual(['risk_register_plot'])
    expect(silentHits(answer({ findings: [finding({})] }))).toEqual([])
  })
})

describe('what leaves the page', () => {
  it('never says the verdict without its gaps', () => {
    const text = verdictText(answer({ findings: [finding({})], gaps: [gap('well')] }), null, 'http://x/?check=x')
    expect(text).toContain('不得办理')
    expect(text).toContain('不完整')
    expect(text).toContain('well从未入库')
    expect(text).toContain('http://x/?check=x')
  })
})

describe('the plate in the page', () => {
  const drawn = (verdict: CheckAnswer['verdict'], complete: boolean) => {
    const made = plate(verdict, complete, plateCounts(answer({ verdict, gaps: complete ? [] : [gap('well')] }), null))
    const place = document.createElement('div')
    createApp({ render: () => h(VerdictPlate, { plate: made }) }).use(i18n).mount(place)
    return place
  }
  it('shows the tick and the green for clear and complete alone', () => {
    for (const verdict of VERDICTS) for (const complete of [true, false]) {
      const html = drawn(verdict, complete).innerHTML
      const green = html.includes('circle-tick') || html.includes('v-clear') || html.includes('未发现限制')
      expect(green, `${verdict} ${complete}`).toBe(complete && (verdict === 'clear' || verdict === 'notice'))
      expect(html.includes('circle-tick'), `${verdict} ${complete}`).toBe(complete && verdict === 'clear')
    }
  })
  it('is one region that says both sentences aloud', () => {
    const region = drawn('prohibit', false).querySelector('[role=status]')!
    expect(region.getAttribute('aria-label')).toBe('不得办理，且核查不完整，缺 1 项资料')
    expect(region.querySelectorAll('h2, h3')).toHaveLength(2)
  })
})
