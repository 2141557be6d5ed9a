// The field page without a browser: what is said to be near, which package is opened, what is sent in which order.
import { createApp, nextTick } from 'vue'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { CatalogAnswer, PackageContent } from '../src/api/schema'
import { i18n } from '../src/i18n'
import { deliver, isDue } from '../src/field/delivery'
import { filledIn, isBlank } from '../src/field/forms'
import { isAnothers, leavePhone, markPhone, ownOf, unmarkPhone } from '../src/field/mark'
import NearPane from '../src/field/NearPane.vue'
import PackNotice from '../src/field/PackNotice.vue'
import { edgeOf, fitting, opened, packages, reachesBeyond, usesPackage } from '../src/field/packages'
import { position } from '../src/field/position'
import type { Draft, KeptPackage, PackageFacts } from '../src/field/types'
import { useCatalog } from '../src/state/catalog'
import { session } from '../src/state/session'
import '../src/field/strings'

type Box = [number, number, number, number]
const facts = (more: Partial<PackageFacts> = {}): PackageFacts => ({
  name: '示例镇', bbox: [87.3, 43.9, 87.4, 44.1], made_at: new Date().toISOString(), by: 'a', revision: 1, as_of: '2026-11-26', data_date: '2026-11-01', zooms: [9, 14],
  layers: ['admin_county'], lists: ['contaminated_plot', 'suspected_plot'], sites: 0, features: 1, unlocated: 0, left_off: {}, gaps: [], ...more,
})
const content = (more: Partial<PackageContent> = {}): PackageContent => ({ ...facts(), checklist: {}, inspections: [], found: {}, nowhere: {}, ...more })
const kept = (id: string, bbox: Box, made_at = '2026-11-20T00:00:00Z'): KeptPackage => ({ id, by: 'a', bytes: 1, facts: facts({ bbox, made_at }), tiles: new Blob(), content: new Blob() })
const row = (layer: string, code: string) => ({ type: 'Feature' as const, id: code, layer, code, name: code, county: '652301', geometry: null, properties: {} })
const titles: Record<string, string> = { contaminated_plot: '污染地块', suspected_plot: '疑似污染地块', park: '公园' }
const catalog = {
  counties: [], revision: 1, data_date: null, release: null,
  groups: [{ id: 'g', title: 'g', layers: Object.entries(titles).map(([id, title]) => ({ id, title, title_en: id, coverage: [], fields: [] })) }],
  layers: Object.entries(titles).map(([id, title]) => ({ id, title, title_en: id, coverage: [], fields: [] })),
} as unknown as CatalogAnswer

/** A component as it stands in the page. */
async function shown(component: object, props: Record<string, unknown> = {}): Promise<HTMLElement> {
  const host = document.createElement('div')
  createApp(component, props).use(i18n).mount(host)
  await nextTick()
  return host
}

beforeEach(() => {
  useCatalog({ catalog, legend: null, style: null })
  Object.assign(session, { me: { username: 'a', role: 'inspector', counties: [] }, known: true, offline: true, ended: false })
  position.place = { lon: 87.35, lat: 44, accuracy: 5, at: 0 }
})
afterEach(() => {
  opened.value = null
  packages.value = []
  position.place = null
})

describe('what is near', () => {
  it('says of a package that holds no site nothing about 20 km, and which lists were looked through', async () => {
    opened.value = { id: 'p', content: content(), tiles: new Blob() }
    const text = (await shown(NearPane)).querySelector('[data-none]')!.textContent
    expect(text).not.toContain('20 km')
    expect(text).toContain('离线包里没有你能看的地块')
    expect(text).toContain('污染地块、疑似污染地块')
  })
  it('counts as sites without a place those of the lists alone, by list, and what was left off', async () => {
    const nowhere = { suspected_plot: [row('suspected_plot', 'S1'), row('suspected_plot', 'S2')], park: [row('park', 'P1')] }
    opened.value = { id: 'p', content: content({ nowhere, left_off: { suspected_plot: 40 }, unlocated: 43 }), tiles: new Blob() }
    const text = (await shown(NearPane)).querySelector('[data-nowhere]')!.textContent
    expect(text).toContain('另有 42 个地块没有位置')
    expect(text).toContain('疑似污染地块 42 个')
    expect(text).not.toContain('公园')
  })
  it('takes the package of whoever is signed out, and says nothing to be near where there is none', async () => {
    Object.assign(session, { offline: false, ended: true })
    expect(usesPackage.value).toBe(true)
    const text = (await shown(NearPane)).textContent
    expect(text).toContain('没有问到附近的地块')
    expect(text).not.toContain('20 km')
  })
})

describe('a package', () => {
  it('is the one that holds the position, else the newest', () => {
    packages.value = [kept('newest', [88, 44, 88.1, 44.1]), kept('here', [87.3, 43.9, 87.4, 44.1])]
    expect(fitting({ lon: 87.35, lat: 44 })?.id).toBe('here')
    expect(fitting({ lon: 80, lat: 44 })?.id).toBe('newest')
    expect(fitting(null)?.id).toBe('newest')
  })
  it('ends at its edge, and a view that reaches beyond any side of it is told so', () => {
    const box: Box = [87.3, 43.9, 87.4, 44.1]
    expect(edgeOf(box).coordinates[0]).toEqual([[87.3, 43.9], [87.4, 43.9], [87.4, 44.1], [87.3, 44.1], [87.3, 43.9]])
    expect(reachesBeyond([87.31, 43.91, 87.39, 44.09], box)).toBe(false)
    for (const view of [[87.29, 43.91, 87.39, 44.09], [87.31, 43.89, 87.39, 44.09], [87.31, 43.91, 87.41, 44.09], [87.31, 43.91, 87.39, 44.11]] as Box[]) expect(reachesBeyond(view, box)).toBe(true)
  })
  it('says on the map what it lacks, where it ends and how old it is', async () => {
    const old = new Date(Date.now() - 20 * 86_400_000).toISOString()
    const gaps = [{ layer: 'park', county: '652301', state: 'never_loaded' as const }]
    const all = await shown(PackNotice, { facts: facts({ made_at: old, gaps }), beyond: true })
    expect(all.querySelector('[data-beyond]')!.textContent).toContain('边外没有离线数据，空白不代表没有地块')
    expect(all.querySelector('[data-old]')!.textContent).toContain('20 天')
    expect(all.querySelector('[data-gaps]')!.textContent).toContain('包里有 1 项资料')
    const none = await shown(PackNotice, { facts: facts(), beyond: false })
    expect(none.textContent!.trim()).toBe('')
  })
})

const draft = (key: string, more: Partial<Draft> = {}): Draft => ({ key, by: 'a', at: '2026-11-26T00:00:00Z', inspection: 'CC-1', title: 't', state: 'waiting', ...more })

describe('what waits to be sent', () => {
  it('goes on past one that fails alone, and stops where nothing goes', async () => {
    const tried: string[] = []
    const went = { photo: 'failed', step: 'sent', refused: 'kept', last: 'sent' } as const
    const all = await deliver((Object.keys(went) as (keyof typeof went)[]).map((key) => draft(key)), ({ key }) => { tried.push(key); return Promise.resolve(went[key as keyof typeof went]) })
    expect([tried, all]).toEqual([['photo', 'step', 'refused', 'last'], { sent: 2, stopped: false }])
    tried.length = 0
    const none = await deliver([draft('a'), draft('b')], ({ key }) => { tried.push(key); return Promise.resolve('stopped') })
    expect([tried, none]).toEqual([['a'], { sent: 0, stopped: true }])
  })
  it('sends what failed before after what did not', async () => {
    const tried: string[] = []
    await deliver([draft('heavy', { tries: 2 }), draft('step')], ({ key }) => { tried.push(key); return Promise.resolve('sent') })
    expect(tried).toEqual(['step', 'heavy'])
  })
  it('waits longer each time with one that fails, an hour at the most', () => {
    const at = Date.parse('2026-11-26T00:00:00Z')
    const due = (tries: number, seconds: number) => isDue(draft('a', { tries, triedAt: '2026-11-26T00:00:00Z' }), at + seconds * 1000)
    expect(isDue(draft('a'), at)).toBe(true)
    expect([due(1, 59), due(1, 60), due(3, 239), due(3, 240), due(20, 3599), due(20, 3600)]).toEqual([false, true, false, true, false, true])
  })
})

describe('a half-filled check-list', () => {
  it('is laid into the items of today, and one without a word or a photo is none', () => {
    const before = { boundary: { ok: false, text: '倒了' }, gone: { ok: true, text: '' } }
    expect(filledIn({ boundary: '界桩', records: '台账' }, before)).toEqual({ boundary: { ok: false, text: '倒了' }, records: { ok: null, text: '' } })
    const blank = { answers: filledIn({ boundary: '界桩' }), note: ' ', mends: false }
    expect([isBlank(blank, 0), isBlank(blank, 1), isBlank({ ...blank, note: '风大' }, 0), isBlank({ ...blank, answers: before }, 0)]).toEqual([true, false, false, false])
  })
})

describe('what lies on the phone', () => {
  it('is shown to whose it is alone', () => {
    const every = [draft('mine'), draft('theirs', { by: 'b' })]
    expect(ownOf(every).map(({ key }) => key)).toEqual(['mine'])
    session.me = { username: null, role: 'public', counties: [] }
    expect(ownOf(every)).toEqual([])
  })
  it('goes when another signs in or its owner signed out, not when a session ends', () => {
    unmarkPhone()
    expect([isAnothers('a'), isAnothers(null)]).toEqual([false, false])
    markPhone('a')
    expect([isAnothers('a'), isAnothers('b'), isAnothers(null)]).toEqual([false, true, false])
    leavePhone()
    expect([isAnothers('a'), isAnothers(null)]).toEqual([true, true])
  })
})
