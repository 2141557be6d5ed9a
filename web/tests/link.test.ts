// A link restores the view and never carries a parcel.
import { describe, expect, it } from 'vitest'
import { formatLink, NOTHING, parseLink, type ViewLink } from '../src/state/link'
import { mayOpen, namedPages, pathOf, placeAt } from '../src/state/pages'

const at = (address: string) => {
  const url = new URL(address, 'http://localhost')
  return parseLink({ pathname: url.pathname, search: url.search, hash: url.hash })
}

describe('the address of a view', () => {
  it('gives back what it was made from', () => {
    const view: ViewLink = {
      ...NOTHING, layers: ['suspected_plot', 'planned_land_use'], opacity: { planned_land_use: 0.4 }, check: '0b8f-12',
      camera: { zoom: 13.25, lat: 44.02371, lon: 87.29997 },
    }
    expect(formatLink(view)).toBe('/?check=0b8f-12&layers=suspected_plot,planned_land_use:40#13.25/44.02371/87.29997')
    expect(at(formatLink(view))).toEqual(view)
  })
  it('tells the usual layers from none at all', () => {
    const none: ViewLink = { ...NOTHING, layers: [] }
    expect(at(formatLink(none)).layers).toEqual([])
    expect(at('/').layers).toBeNull()
  })
  it('opens the list of rules and comes back from it', () => {
    const rules: ViewLink = { ...NOTHING, page: 'rules' }
    expect(at(formatLink(rules))).toEqual(rules)
    expect(formatLink(rules)).toBe('/rules')
    expect(at('/other').page).toBeNull()
  })
  it('names one thing of a page', () => {
    expect(at('/overlays/0b8f-12')).toMatchObject({ page: 'overlays', item: '0b8f-12' })
    expect(at('/releases')).toMatchObject({ page: 'loads', item: 'releases' })
    expect(at('/releases/2026%E5%B9%B4')).toMatchObject({ page: 'loads', item: 'releases/2026年' })
    for (const place of [{ page: 'loads', item: 'releases/2026年' }, { page: 'overlays', item: 'a b' }, { page: 'loads', item: null }] as const) expect(placeAt(pathOf(place))).toEqual(place)
  })
  it('opens the card of a site over its map, and comes back to it', () => {
    const card: ViewLink = { ...NOTHING, page: 'sites', item: '示例 12', layers: ['suspected_plot'], day: '2025-03-31' }
    expect(formatLink(card)).toBe('/sites/%E7%A4%BA%E4%BE%8B%2012?layers=suspected_plot&as_of=2025-03-31')
    expect(at(formatLink(card))).toEqual(card)
    for (const list of ['/sites', '/sites/', '/sites/%E4']) expect(at(list)).toMatchObject({ page: 'sites', item: null })
    expect(formatLink({ ...NOTHING, page: 'sites', item: null, day: '2025-03-31' })).toBe('/sites?as_of=2025-03-31')
  })
  it('opens no layer so faint that its ground looks empty, and no day that nobody can know of', () => {
    expect(at('/?layers=well:0,suspected_plot:40').opacity).toEqual({ well: 0.1, suspected_plot: 0.4 })
    for (const day of ['2026-02-30', '2025-13-01', '2999-01-01', '0000-00-00']) expect(at(`/?as_of=${day}`).day).toBeNull()
    expect(at('/?as_of=2024-02-29').day).toBe('2024-02-29')
  })
  it('is not named to a role that does not have it', () => {
    expect(namedPages('clerk')).not.toContain('loads')
    expect(namedPages('steward')).toContain('loads')
    expect(namedPages('inspector')).not.toContain('overlays')
    expect(namedPages('public')).toEqual(['sites'])
    expect([mayOpen('audit', 'steward'), mayOpen('audit', 'auditor'), mayOpen('verify', 'public'), mayOpen('sites', 'public')]).toEqual([false, true, true, true])
  })
  it('takes the path of a stored check', () => {
    expect(at('/checks/0b8f-12').check).toBe('0b8f-12')
  })
  it('holds order, classes, filters, day, what is chosen and the table', () => {
    const view: ViewLink = {
      ...NOTHING, layers: ['well', 'suspected_plot'], order: ['well', 'suspected_plot'], off: { well: ['V', '*'], suspected_plot: ['a:b,c'] },
      filters: { suspected_plot: [{ field: 'county', op: 'is', value: '652301' }, { field: 'name', op: 'has', value: '化工;厂:一,50%&' }] },
      day: '2025-03-31', chosen: { layer: 'suspected_plot', id: '152' }, table: 'suspected_plot',
    }
    expect(at(formatLink(view))).toEqual(view)
  })
  it('takes no condition that it does not know, and no day that is none', () => {
    expect(at('/?f.well=depth_m:drop:1;x y:is:1;name:is:%25E4&as_of=2025-3-1&at=well/x&table=<b>')).toEqual(NOTHING)
  })
  it('leaves out what does not fit', () => {
    const view = at('/?layers=a,B!,c:250,<x>&check=../../me#99/1/1')
    expect(view).toEqual({ ...NOTHING, layers: ['a', 'c'], opacity: { c: 1 } })
  })
})
