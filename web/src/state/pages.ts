// The pages beside the map: each under its own path, and the roles that have it.
export const PAGES = ['checks', 'overlays', 'loads', 'cases', 'changes', 'audit', 'rules', 'dashboard', 'sites', 'field', 'verify', 'help'] as const
export type PageName = (typeof PAGES)[number]

export interface Place {
  page: PageName | null
  item: string | null // which of them: an id, a number, a name
}

const ALL = ['clerk', 'planner', 'inspector', 'steward', 'auditor', 'administrator']
const OVERSEERS = ['steward', 'auditor', 'administrator']
/** Null: everybody, without an account too. */
const ROLES: Record<PageName, string[] | null> = {
  checks: ALL, overlays: ALL.filter((role) => role !== 'inspector'), loads: OVERSEERS, cases: ALL, changes: ALL, audit: ['auditor', 'administrator'],
  rules: ALL, dashboard: ALL, sites: null, field: ['inspector', 'steward', 'administrator'], verify: null, help: null,
}
/** In this order they stand in the header; what is not named there is reached by its link. */
const NAMED: PageName[] = ['checks', 'overlays', 'sites', 'field', 'loads', 'cases', 'changes', 'audit', 'rules', 'dashboard']

export function mayOpen(page: PageName, role: string): boolean {
  return ROLES[page]?.includes(role) ?? true
}

export function rolesOf(page: PageName): string[] | null {
  return ROLES[page]
}

export function namedPages(role: string): PageName[] {
  return NAMED.filter((page) => mayOpen(page, role))
}

/** Null for a broken escape: left out, as all that does not fit. */
export function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text)
  } catch {
    return null
  }
}

/** `/releases/…` is the second sheet of the data page; `/checks/…` is a check on the map. */
export function placeAt(pathname: string): Place {
  const [, name = '', item = ''] = /^\/([a-z]+)(?:\/([^/]+))?\/?$/.exec(pathname) ?? []
  const named = decoded(item) || null
  if (name === 'releases') return { page: 'loads', item: named ? `releases/${named}` : 'releases' }
  const page = PAGES.find((one) => one === name)
  if (!page || (page === 'checks' && item)) return { page: null, item: null }
  return { page, item: named }
}

export function pathOf({ page, item }: Place): string {
  if (!page) return '/'
  if (page === 'loads' && item?.startsWith('releases')) return `/releases${item === 'releases' ? '' : `/${encodeURIComponent(item.slice('releases/'.length))}`}`
  return `/${page}${item ? `/${encodeURIComponent(item)}` : ''}`
}
