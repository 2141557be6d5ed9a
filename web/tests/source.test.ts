// Promises about the source itself: words exist once, the stripe is kept for missing data, files stay small.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { en as enFirst } from '../src/i18n/en'
import { zh as zhFirst } from '../src/i18n/zh'

// Words of the first bundle, and those of each page that comes on demand.
const onDemand = Object.values(import.meta.glob<{ zh: object; en: object }>('../src/*/strings.ts', { eager: true }))
const zh: typeof zhFirst = Object.assign({}, zhFirst, ...onDemand.map((one) => one.zh))
const en = Object.assign({}, enFirst, ...onDemand.map((one) => one.en)) as object

const files = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.(vue|ts|css)$/.test(name))
  .map((name) => ({ name: name.replaceAll('\\', '/'), text: readFileSync(join('src', name), 'utf8') }))

const keysOf = (value: object, prefix = ''): string[] => Object.entries(value).flatMap(([key, inner]) =>
  typeof inner === 'string' ? [prefix + key] : keysOf(inner as object, `${prefix}${key}.`))
const code = files.filter(({ name }) => !/i18n\/(zh|en)\.ts|\/strings\.ts/.test(name)).map(({ text }) => text).join('\n')
const PREFIXES = ['role.', 'verdict.', 'basis.', 'gapKind.', 'layerState.', 'failure.', 'input.', 'paste.', 'plate.', 'page.', 'counted.', 
  'draw.typed_', 'draw.crossing', 'draw.holeOutside', 'job.stage.', 'checks.list', 'checks.batch', 'batch.papers', 'overlay.way_', 'overlay.step', 'overlay.compare_', 'overlay.v_', 'overlay.unknown', 'overlay.unrestricted', 'overlay.is_',
  'load.outcome_', 'load.state_', 'load.rel_', 'load.loads', 'load.releases', 'load.error', 'load.warning', 'load.notice', 'load.csv', 'load.xlsx', 'audit.', 'cases.act_', 'cases.step_', 'cases.all', 'cases.flagged', 'changes.came', 'changes.went', 'changes.cause_', 'gapReason.', 'relation.', 'audited.', 'unknown.', 'sites.', 'field.', 'help.'] // chosen by a value

describe('words', () => {
  it('stand in both languages under the same keys', () => {
    expect(keysOf(en).sort()).toEqual(keysOf(zh).sort())
  })
  it('exist for every key that the page asks for', () => {
    const known = new Set(keysOf(zh))
    const asked = [...code.matchAll(/(?:\$t|\bsay)\(\s*'([\w.]+)'/g)].map((match) => match[1]!)
    expect(asked.filter((key) => !known.has(key))).toEqual([])
  })
  it('are all asked for by somebody', () => {
    const idle = keysOf(zh).filter((key) => !PREFIXES.some((prefix) => key.startsWith(prefix)) && !code.includes(`'${key}'`))
    expect(idle).toEqual([])
  })
  it('never read as a go', () => {
    // An investigation report that passed its review is named so in law; the chain of the audit is no parcel.
    const { input: _, audit: __, ...sayings } = zh as typeof zh & { audit: object }
    expect(JSON.stringify(sayings)).not.toMatch(/通过|合格|无问题|可以办理/)
  })
  it('leave no Chinese sentence in the components', () => {
    const inPage = files.filter(({ name }) => name.endsWith('.vue')).flatMap(({ name, text }) => {
      const template = text.slice(text.indexOf('<template>'))
      return [...template.matchAll(/>([^<{]*[\u4e00-\u9fff]{2,}[^<{]*)</g)].map((match) => `${name}: ${match[1]}`)
    })
    expect(inPage).toEqual([])
  })
})

describe('the stripe of missing data', () => {
  const ALLOWED = [
    'design/base.css', 'design/tokens.css', 'map/composition.ts', 'map/ondemand.ts', 'map/MapNotice.vue', 'map/NoMap.vue',
    'check/CoverageStrip.vue', 'check/GapList.vue', 'check/GapTag.vue', 'check/VerdictPlate.vue',
    'identify/IdentifyCard.vue', 'layers/LayerTree.vue', 'table/TableDock.vue',
    'pagemap/PageMap.vue', 'overlays/MatrixTable.vue', 'overlays/LayerStep.vue', 'overlays/OverlayGaps.vue', 'site/SitesPage.vue', 'field/PackagesPane.vue',
  ]
  it('is drawn by nothing but what says that data are missing', () => {
    const users = files.filter(({ text }) => /class="[^"]*\bstripe\b|\bstripe:|'stripe'|--gap-stripe|GAP_PATTERN/.test(text)).map(({ name }) => name)
    expect(users.filter((name) => !ALLOWED.includes(name))).toEqual([])
  })
})

describe('files', () => {
  it('stay under 400 lines and say in their first lines what they are for', () => {
    for (const { name, text } of files.filter((one) => one.name !== 'api/schema.d.ts')) { // which is written by `make types`
      expect(text.split('\n').length, name).toBeLessThan(400)
      expect(text.slice(0, 300), name).toMatch(/^(?:<script[^>]*>\n)?\s*(?:\/\/|\/\*)/)
    }
  })
})
