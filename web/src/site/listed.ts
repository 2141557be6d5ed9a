// The sites of a list, narrowed as the page and its file are: by name or code, and by county.
import type { RegisteredSite } from '../api/schema'

export function matchingSites(sites: readonly RegisteredSite[], words: string, county: string): RegisteredSite[] {
  const wanted = words.trim().toLowerCase()
  return sites.filter((one) => (!county || one.county === county) && `${one.name ?? ''} ${one.code}`.toLowerCase().includes(wanted))
}
