// The sites of a list, narrowed as the page and its file are: by name or code, and by county.
export interface Listed { code: string; name: string | null; county: string; since: string | null; document: string | null; has_boundary: boolean }

export function matchingSites(sites: readonly Listed[], words: string, county: string): Listed[] {
  const wanted = words.trim().toLowerCase()
  return sites.filter((one) => (!county || one.county === county) && `${one.name ?? ''} ${one.code}`.toLowerCase().includes(wanted))
}
