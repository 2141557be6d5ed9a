// What the field page needs to open without a line: who was signed in, the catalog, its style and legend, the inspections.
import { session } from '../state/session'
import { catalogAsRead, useCatalog, type CatalogRead } from '../state/catalog'
import type { InspectionList, Me } from '../api/schema'
import { all, drop, one, put, write } from './store'
import { isAnothers, markPhone, unmarkPhone } from './mark'
import type { KeptPackage } from './types'

interface Boot { name: 'boot'; at: string; me: Me; read: CatalogRead; list: InspectionList }

/** JSON, for what a page holds reactively cannot be stored as it is. */
const plain = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T

export async function keep(list: InspectionList): Promise<void> {
  const read = catalogAsRead()
  if (!read || !session.me.username) return
  await put('kept', plain<Boot>({ name: 'boot', at: new Date().toISOString(), me: session.me, read, list }))
  markPhone(session.me.username)
}

/** Opens with what was kept, where the server does not say who asks; false where nobody worked here before. */
export async function restore(): Promise<boolean> {
  const boot = isAnothers(null) ? undefined : await one<Boot>('kept', 'boot')
  if (!boot) return false
  if (session.known && !session.offline) session.ended = true // the server answers, and knows nobody
  else session.offline = true
  session.me = boot.me
  session.known = true
  if (session.ended || !catalogAsRead()) useCatalog(boot.read) // what a stranger is told is less
  return true
}
export const keptList = async (): Promise<InspectionList | null> => (await one<Boot>('kept', 'boot'))?.list ?? null

/** The job of a package that was asked for and is not on the phone yet. */
const PREPARING = 'preparing'
interface Preparing { name: typeof PREPARING; by: string; job: string }
export async function keptJob(): Promise<string | null> {
  const kept = await one<Preparing>('kept', PREPARING)
  return kept && kept.by === session.me.username ? kept.job : null
}
export async function keepJob(job: string | null): Promise<void> {
  await (job ? put('kept', { name: PREPARING, by: session.me.username!, job } satisfies Preparing) : drop('kept', PREPARING))
}

/** Another's maps and lists go. Drafts that were not sent and half-filled forms wait for their writer. */
export async function forget(): Promise<void> {
  await write([{ store: 'kept', drop: 'boot' }, { store: 'kept', drop: PREPARING }])
  for (const { id } of await all<KeptPackage>('packages')) await drop('packages', id)
  unmarkPhone()
}
