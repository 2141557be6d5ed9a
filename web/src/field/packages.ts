// Area packages: made by the server, whose size is told first, then fetched whole, proved by their hashes and kept on the phone.
import { computed, reactive, shallowRef } from 'vue'
import { ApiFailure, fetched, post } from '../api/client'
import type { FoundFeature } from '../api/types'
import type { Accepted } from '../jobs/follow'
import { session } from '../state/session'
import { all, askToKeep, drop, put } from './store'
import type { KeptPackage, PackageContent, PackageFacts, PackageResult } from './types'

/** Packages of this account on this phone, the newest first; their files stay on the disk until one is opened. */
export const packages = shallowRef<KeptPackage[]>([])
export const opened = shallowRef<{ id: string; content: PackageContent; tiles: Blob } | null>(null)
export const fetching = reactive({ busy: false, done: 0, total: 0, broken: false })
export const openedFeatures = computed<FoundFeature[]>(() => Object.values(opened.value?.content.found ?? {}).flat())
export const OLD_DAYS = 14

export const ageDays = ({ made_at: at }: PackageFacts): number => Math.floor((Date.now() - Date.parse(at)) / 86_400_000)

export async function readPackages(): Promise<void> {
  const mine = (await all<KeptPackage>('packages')).filter(({ by }) => by === session.me.username)
  packages.value = mine.sort((a, b) => b.facts.made_at.localeCompare(a.facts.made_at))
  if (opened.value && !packages.value.some(({ id }) => id === opened.value?.id)) opened.value = null
}

export const prepare = (bbox: [number, number, number, number], name: string): Promise<Accepted> => post<Accepted>('/packages', { bbox, name })

export const bytesOf = ({ files }: PackageResult): number => files.tiles.bytes + files.content.bytes

async function proved(path: string, { bytes, sha256 }: { bytes: number; sha256: string }): Promise<Blob> {
  const response = await fetched(path)
  const parts: Uint8Array<ArrayBuffer>[] = []
  const reader = response.body!.getReader()
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      parts.push(part.value as Uint8Array<ArrayBuffer>)
      fetching.done += part.value.length
    }
  } catch (cause) {
    throw new ApiFailure('offline', { title: String(cause), status: 0 })
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

/** The package one stands in, else the newest. */
export function fitting(place: { lon: number; lat: number } | null): KeptPackage | null {
  const here = place && packages.value.find(({ facts: { bbox: [w, s, e, n] } }) => place.lon >= w && place.lon <= e && place.lat >= s && place.lat <= n)
  return here ?? packages.value[0] ?? null
}
