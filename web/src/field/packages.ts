// Area packages: made by the server, whose size is told first, then fetched whole, proved by their hashes and kept on the phone.
import { computed, reactive, shallowRef } from 'vue'
import type { Polygon } from 'geojson'
import { ApiFailure, fetched, post, type Posted } from '../api/client'
import type { Accepted, FoundFeature, PackageContent, PackageResult } from '../api/schema'
import type { Bounds } from '../format/geometry'
import { session } from '../state/session'
import { ownOf } from './mark'
import { all, askToKeep, drop, put } from './store'
import type { KeptPackage, PackageFacts } from './types'

/** Packages of this account on this phone, the newest first; their files stay on the disk until one is opened. */
export const packages = shallowRef<KeptPackage[]>([])
export const opened = shallowRef<{ id: string; content: PackageContent; tiles: Blob } | null>(null)
export const fetching = reactive({ busy: false, done: 0, total: 0, broken: false })
export const openedFeatures = computed<FoundFeature[]>(() => Object.values(opened.value?.content.found ?? {}).flat())
export const OLD_DAYS = 14
/** Whose line or session has gone is told nothing by the server, or what a stranger is told: the package tells more. */
export const usesPackage = computed(() => session.offline || session.ended)

export const ageDays = ({ made_at: at }: PackageFacts): number => Math.floor((Date.now() - Date.parse(at)) / 86_400_000)

export async function readPackages(): Promise<void> {
  const mine = ownOf(await all<KeptPackage>('packages'))
  packages.value = mine.sort((a, b) => b.facts.made_at.localeCompare(a.facts.made_at))
  if (opened.value && !packages.value.some(({ id }) => id === opened.value?.id)) opened.value = null
}

export const prepare = (bbox: [number, number, number, number], name: string): Promise<Accepted> => post<Posted<'/packages'>>('/packages', { bbox, name })

export const bytesOf = ({ files }: PackageResult): number => files.tiles.bytes + files.content.bytes

const STALLED_MS = 60_000
async function proved(path: string, { bytes, sha256 }: { bytes: number; sha256: string }): Promise<Blob> {
  const stalled = new AbortController() // a large one may take long, as long as something comes
  const watched = () => window.setTimeout(() => stalled.abort(new DOMException(path, 'TimeoutError')), STALLED_MS)
  let timer = watched()
  const parts: Uint8Array<ArrayBuffer>[] = []
  try {
    const reader = (await fetched(path, stalled.signal)).body!.getReader()
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      parts.push(part.value as Uint8Array<ArrayBuffer>)
      fetching.done += part.value.length
      window.clearTimeout(timer)
      timer = watched()
    }
  } catch (cause) {
    throw cause instanceof ApiFailure ? cause : new ApiFailure('offline', { title: String(cause), status: 0 })
  } finally {
    window.clearTimeout(timer)
  }
  const blob = new Blob(parts)
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', await blob.arrayBuffer()))
  if (blob.size !== bytes || [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('') !== sha256) throw new Broken(path)
  return blob
}
/** What came is not what was made: cut short, or changed on its way. */
class Broken extends Error {}

/** Fetches a package that was made and keeps it; what broke off leaves nothing behind. */
export async function download(id: string, { files, ...facts }: PackageResult): Promise<boolean> {
  const total = files.tiles.bytes + files.content.bytes
  Object.assign(fetching, { busy: true, done: 0, total, broken: false })
  try {
    await askToKeep()
    const tiles = await proved(`/packages/${id}/tiles`, files.tiles)
    const content = await proved(`/packages/${id}/content`, files.content)
    const whole: KeptPackage = { id, by: session.me.username!, bytes: total, facts, tiles, content }
    await put('packages', whole)
    await readPackages()
    await open(id)
    return true
  } catch (failure) {
    if (failure instanceof ApiFailure) throw failure
    console.warn('the package was not kept:', failure) // a hash that differs, or a phone without room
    fetching.broken = true
    return false
  } finally {
    fetching.busy = false
  }
}

export async function open(id: string | null): Promise<void> {
  const found = packages.value.find((one) => one.id === id)
  opened.value = found ? { id: found.id, content: JSON.parse(await found.content.text()) as PackageContent, tiles: found.tiles } : null
}

export async function remove(id: string): Promise<void> {
  await drop('packages', id)
  await readPackages()
}

/** Whether a view shows ground of which a package holds nothing. */
export function reachesBeyond(view: Bounds, [w, s, e, n]: Bounds): boolean {
  return view[0] < w || view[1] < s || view[2] > e || view[3] > n
}
export function edgeOf([w, s, e, n]: Bounds): Polygon {
  return { type: 'Polygon', coordinates: [[[w, s], [e, s], [e, n], [w, n], [w, s]]] }
}

/** The package one stands in, else the newest. */
export function fitting(place: { lon: number; lat: number } | null): KeptPackage | null {
  const here = place && packages.value.find(({ facts: { bbox: [w, s, e, n] } }) => place.lon >= w && place.lon <= e && place.lat >= s && place.lat <= n)
  return here ?? packages.value[0] ?? null
}
