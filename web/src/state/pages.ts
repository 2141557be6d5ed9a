// The pages beside the map: each under its own path, and the roles that have it.
export const PAGES = ['checks', 'overlays', 'loads', 'cases', 'changes', 'audit', 'rules', 'dashboard', 'verify'] as const
export type PageName = (typeof PAGES)[number]

export interface Place {
  page: PageName | null
  item: string | null // which of them: an id, a number, a name
}

const ALL = ['clerk', 'planner', 'inspector', 'steward', 'auditor', 'administrator']
const OVERSEERS = ['steward', 'auditor', 'administrator']
const ROLES: Record<PageName, string[] | null> = {
  checks: ALL, overlays: ALL.filter((role) => role !== 'inspector'), loads: OVERSEERS, cases: ALL, changes: ALL, audit: ['auditor', 'administrator'],
  rules: ALL, dashboard: ALL, verify: null,
}
/** In this order they stand in the header; what is not named there is reached by its link. */
const NAMED: PageName[] = ['checks', 'overlays', 'loads', 'cases', 'changes', 'audit', 'rules', 'dashboard']

/** True where a role has the page; `verify` is everybody's. */
export function mayOpen(page: PageName, role: string): boolean {
  return ROLES[page]?.includes(role) ?? true
}

export function rolesOf(page: PageName): string[] {
  return ROLES[page] ?? []
}

export function namedPages(role: string): PageName[] {
  return NAMED.filter((page) => mayOpen(page, role))
}

/** `/releases/…` is the second sheet of the data page; `/checks/…` is a check on the map. */
export function placeAt(pathname: string): Place {
  const [, name = '', item = ''] = /^\/([a-z]+)(?:\/([^/]+))?\/?$/.exec(pathname) ?? []
  if (name === 'releases') return { page: 'loads', item: item ? `releases/${decodeURIComponent(item)}` : 'releases' }
  const page = PAGES.find((one) => one === name)
  if (!page || (page === 'checks' && item)) return { page: null, item: null }
  return { page, item: item ? decodeURIComponent(item) : null }
}

export function pathOf({ page, item }: Place): string {
  if (!page) return '/'
  if (page === 'loads' && item?.startsWith('releases')) return `/releases${item === 'releases' ? '' : `/${encodeURIComponent(item.slice('releases/'.length))}`}`
  return `/${page}${item ? `/${encodeURIComponent(item)}` : ''}`
}
