// Asks the server. Every failure becomes an ApiFailure that says what kind it is, so that a page state can answer it.
import type {
  Catalog, CheckAnswer, CheckRequest, CheckSummary, Dashboard, Example, FoundFeature, LanduseCode, Legend, Me, Preview, Problem, Rule,
} from './types'
import type { Attachment, ItemPage, Lifecycle, SearchHit, SheetRequest, SiteCard } from './found'

export type FailureKind = 'offline' | 'session' | 'forbidden' | 'refused' | 'missing' | 'server'

export class ApiFailure extends Error {
  /** A request that brought no answer: its kind decides which state the page shows. */
  constructor(readonly kind: FailureKind, readonly problem: Problem) {
    super(problem.detail ?? problem.title)
  }
}

let language = 'zh'
let onSessionEnd: () => void = () => {}

export function configure(options: { language?: string; onSessionEnd?: () => void }): void {
  language = options.language ?? language
  onSessionEnd = options.onSessionEnd ?? onSessionEnd
}

/** Django's token for unsafe requests, as its cookie holds it. */
export function csrfToken(): string {
  return /(?:^|;\s*)(?:__Host-)?csrftoken=([^;]+)/.exec(document.cookie)?.[1] ?? ''
}

const KIND_OF_STATUS: Record<number, FailureKind> = { 401: 'session', 403: 'forbidden', 404: 'missing' }

export async function request<T>(path: string, init: RequestInit = {}): Promise<T> {
  return (await (await answered(path, init)).json()) as T
}

async function answered(path: string, init: RequestInit): Promise<Response> {
  const headers = new Headers(init.headers)
  headers.set('Accept', 'application/json')
  headers.set('Accept-Language', language)
  if (init.method && init.method !== 'GET') headers.set('X-CSRFToken', csrfToken())
  let response: Response
  try {
    response = await fetch(path, { credentials: 'same-origin', ...init, headers })
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause
    throw new ApiFailure('offline', { title: String(cause), status: 0 })
  }
  if (response.ok) return response
  const problem = await problemOf(response)
  const kind = KIND_OF_STATUS[response.status] ?? (response.status < 500 ? 'refused' : 'server')
  if (kind === 'session') onSessionEnd()
  throw new ApiFailure(kind, problem)
}

async function problemOf(response: Response): Promise<Problem> {
  const fallback: Problem = { title: response.statusText || String(response.status), status: response.status }
  if (!response.headers.get('content-type')?.includes('json')) return fallback
  try {
    return { ...fallback, ...((await response.json()) as Problem) }
  } catch (cause) {
    if (cause instanceof SyntaxError) return fallback
    throw cause
  }
}

export function post<T>(path: string, body: unknown, signal?: AbortSignal, more: Record<string, string> = {}): Promise<T> {
  return request<T>(path, {
    method: 'POST', body: JSON.stringify(body), headers: { 'Content-Type': 'application/json', ...more }, signal,
  })
}

/** The answer itself, for what is read as it comes. */
export const fetched = (path: string): Promise<Response> => answered(path, {})

async function blob(path: string, init: RequestInit): Promise<Blob> {
  return (await answered(path, { method: 'POST', ...init })).blob()
}
function withFile(file: File): FormData {
  const form = new FormData()
  form.append('file', file)
  return form
}

const dated = (before: string, day: string | null) => (day ? `${before}as_of=${day}` : '')

/** Lists come bare or wrapped in an object with one list; both are taken. */
function listOf<T>(answer: T[] | Record<string, unknown>, key: string): T[] {
  if (Array.isArray(answer)) return answer
  return (answer[key] as T[] | undefined) ?? []
}

export const api = {
  me: () => request<Me>('/me'),
  catalog: () => request<Catalog>('/catalog'),
  legend: () => request<Legend>('/legend'),
  style: () => request<unknown>('/style.json'),
  landuse: async (q: string, signal?: AbortSignal) =>
    listOf<LanduseCode>(await request(`/landuse?q=${encodeURIComponent(q)}`, { signal }), 'codes'),
  examples: async () => listOf<Example>(await request('/examples'), 'examples'),
  checks: async () => listOf<CheckSummary>(await request('/checks'), 'checks'),
  check: (id: string) => request<CheckAnswer>(`/checks/${encodeURIComponent(id)}`),
  rules: () => request<{ version: string; rules: Rule[] }>('/rules'),
  dashboard: () => request<Dashboard>('/dashboard'),
  listed: (path: string) => request<Record<string, unknown>>(path),
  createCheck: (body: CheckRequest, signal?: AbortSignal) => post<CheckAnswer>('/checks', body, signal),
  identify: async (lon: number, lat: number, asOf: string | null, signal?: AbortSignal) =>
    listOf<FoundFeature>(await request(`/identify?lon=${lon.toFixed(7)}&lat=${lat.toFixed(7)}${dated('&', asOf)}`, { signal }), 'features'),
  search: async (q: string, asOf: string | null, signal?: AbortSignal) =>
    listOf<SearchHit>(await request(`/search?q=${encodeURIComponent(q)}&limit=20${dated('&', asOf)}`, { signal }), 'results'),
  feature: (layer: string, id: string, asOf: string | null) =>
    request<FoundFeature>(`/features/${layer}/${encodeURIComponent(id)}${dated('?', asOf)}`),
  items: (layer: string, query: URLSearchParams, signal?: AbortSignal) => request<ItemPage>(`/ogc/collections/${layer}/items?f=json&${query}`, { signal }),
  site: (code: string, asOf: string | null, signal?: AbortSignal) =>
    request<SiteCard>(`/sites/${encodeURIComponent(code)}${dated('?', asOf)}`, { signal }),
  lifecycle: () => request<Lifecycle>('/lifecycle'),
  attachments: async (code: string) =>
    listOf<Attachment>(await request(`/attachments?subject=site&key=${encodeURIComponent(code)}`), 'attachments'),
  sheet: (body: SheetRequest) => blob('/maps', { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } }),
  previewText: (text: string) => post<Preview>('/parcels/preview/text', { text }),
  previewFile: (file: File) => request<Preview>('/parcels/preview', { method: 'POST', body: withFile(file) }),
  previewIssues: (file: File) => blob('/parcels/preview/issues', { body: withFile(file) }),
}
