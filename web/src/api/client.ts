// Asks the server. Every failure becomes an ApiFailure that says what kind it is, so that a page state can answer it.
import type { ItemPage, MapBody, Problem as Told, paths } from './schema'
import type { CheckRequest } from '../check/request'

export type Problem = Partial<Told> & Pick<Told, 'title' | 'status'>
type Json<R> = R extends { content: infer C } ? C[keyof C & `application/${string}json`] : never
type Answer<O> = O extends { responses: infer R } ? { [S in keyof R]: Json<R[S]> }[keyof R] : never
/** What a route answers, by its path as /openapi.json has it. */
export type Got<P extends keyof paths> = Answer<paths[P]['get']>
export type Posted<P extends keyof paths> = Answer<paths[P]['post']>

export type FailureKind = 'offline' | 'session' | 'forbidden' | 'refused' | 'missing' | 'server'

export class ApiFailure extends Error {
  /** A request that brought no answer: its kind decides which state the page shows. */
  constructor(readonly kind: FailureKind, readonly problem: Problem) {
    super(problem.detail ?? problem.title)
  }
}

let language = 'zh'
let asker: string | null = null
let onSessionEnd: () => void = () => {}

export function configure(options: { language?: string; asker?: string | null; onSessionEnd?: () => void }): void {
  language = options.language ?? language
  if (options.asker !== undefined) asker = options.asker
  onSessionEnd = options.onSessionEnd ?? onSessionEnd
}

/** Django's token for unsafe requests, as its cookie holds it. */
export function csrfToken(): string {
  return /(?:^|;\s*)(?:__Host-)?csrftoken=([^;]+)/.exec(document.cookie)?.[1] ?? ''
}

/** As whom the page asks: where the session ended meanwhile that is refused, or what a stranger may not see would seem not to be there. */
export const asAsker = (): Record<string, string> => (asker === null ? {} : { 'X-Jingtu-User': encodeURIComponent(asker) })

const KIND_OF_STATUS: Record<number, FailureKind> = { 401: 'session', 403: 'forbidden', 404: 'missing' }

export async function request<T>(path: string, init: RequestInit = {}): Promise<T> {
  const response = await answered(path, init)
  try {
    return (await response.json()) as T
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause
    throw new ApiFailure('offline', { title: String(cause), status: 0 }) // cut short, or another's page in place of ours
  }
}

const LIMIT_MS = 120_000
const UPLOAD_MS = 600_000
const limitOf = ({ body }: RequestInit): AbortSignal => AbortSignal.timeout(body instanceof FormData ? UPLOAD_MS : LIMIT_MS)

/** `limit`: when it is no longer waited for, which counts as a lost line. */
async function answered(path: string, init: RequestInit, limit = limitOf(init)): Promise<Response> {
  const headers = new Headers(path === WHO ? init.headers : { ...asAsker(), ...(init.headers as Record<string, string> | undefined) })
  headers.set('Accept', 'application/json')
  headers.set('Accept-Language', language)
  if (init.method && init.method !== 'GET') headers.set('X-CSRFToken', csrfToken())
  let response: Response
  try {
    response = await fetch(path, { credentials: 'same-origin', ...init, headers, signal: init.signal ? AbortSignal.any([init.signal, limit]) : limit })
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
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause
    return fallback // no JSON, or cut short: the status says enough
  }
}

export function post<T>(path: string, body: unknown, signal?: AbortSignal, more: Record<string, string> = {}): Promise<T> {
  return request<T>(path, {
    method: 'POST', body: JSON.stringify(body), headers: { 'Content-Type': 'application/json', ...more }, signal,
  })
}

/** The answer itself, for what is read as it comes: whoever reads it says when to give up. */
export const fetched = (path: string, limit: AbortSignal): Promise<Response> => answered(path, {}, limit)

async function blob(path: string, init: RequestInit): Promise<Blob> {
  return (await answered(path, { method: 'POST', ...init })).blob()
}
function withFile(file: File): FormData {
  const form = new FormData()
  form.append('file', file)
  return form
}

/** Asks who is there, so it says nobody. */
const WHO = '/me'
const dated = (before: string, day: string | null) => (day ? `${before}as_of=${day}` : '')

export const api = {
  me: () => request<Got<'/me'>>(WHO),
  catalog: (day: string | null) => request<Got<'/catalog'>>(day ? `/catalog?as_of=${day}` : '/catalog'),
  legend: () => request<Got<'/legend'>>('/legend'),
  style: () => request<Got<'/style.json'>>('/style.json'),
  landuse: (q: string, signal?: AbortSignal) => request<Got<'/landuse'>>(`/landuse?q=${encodeURIComponent(q)}`, { signal }),
  examples: () => request<Got<'/examples'>>('/examples'),
  checks: async () => (await request<Got<'/checks'>>('/checks')).checks,
  check: (id: string) => request<Got<'/checks/{check_id}'>>(`/checks/${encodeURIComponent(id)}`),
  rules: () => request<Got<'/rules'>>('/rules'),
  dashboard: () => request<Got<'/dashboard'>>('/dashboard'),
  listed: (path: string) => request<Record<string, unknown>>(path),
  createCheck: (body: CheckRequest, signal?: AbortSignal) => post<Posted<'/checks'>>('/checks', body, signal),
  identify: async (lon: number, lat: number, asOf: string | null, signal?: AbortSignal, limit = 50) =>
    (await request<Got<'/identify'>>(`/identify?lon=${lon.toFixed(7)}&lat=${lat.toFixed(7)}&limit=${limit}${dated('&', asOf)}`, { signal })).features,
  search: async (q: string, asOf: string | null, limit: number, signal?: AbortSignal) =>
    (await request<Got<'/search'>>(`/search?q=${encodeURIComponent(q)}&limit=${limit}${dated('&', asOf)}`, { signal })).results,
  feature: (layer: string, id: string, asOf: string | null) =>
    request<Got<'/features/{layer}/{feature_id}'>>(`/features/${layer}/${encodeURIComponent(id)}${dated('?', asOf)}`),
  items: (layer: string, query: URLSearchParams, signal?: AbortSignal) => request<ItemPage>(`/ogc/collections/${layer}/items?f=json&${query}`, { signal }),
  site: (code: string, asOf: string | null, signal?: AbortSignal) =>
    request<Got<'/sites/{code}'>>(`/sites/${encodeURIComponent(code)}${dated('?', asOf)}`, { signal }),
  lifecycle: () => request<Got<'/lifecycle'>>('/lifecycle'),
  attachments: async (code: string) =>
    (await request<Got<'/attachments'>>(`/attachments?subject=site&key=${encodeURIComponent(code)}`)).attachments,
  sheet: (body: MapBody) => blob('/maps', { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } }),
  previewText: (text: string) => post<Posted<'/parcels/preview/text'>>('/parcels/preview/text', { text }),
  previewFile: (file: File) => request<Posted<'/parcels/preview'>>('/parcels/preview', { method: 'POST', body: withFile(file) }),
  previewIssues: (file: File) => blob('/parcels/preview/issues', { body: withFile(file) }),
}
