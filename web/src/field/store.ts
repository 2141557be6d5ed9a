// What the phone keeps: drafts until they are sent, half-filled forms, packages with their files, and what the page needs to open without a line.
export type StoreName = 'drafts' | 'forms' | 'packages' | 'kept'
const NAME = 'jingtu-field'
const VERSION = 2
const KEYS: Record<StoreName, string> = { drafts: 'key', forms: 'key', packages: 'id', kept: 'name' }

let opened: Promise<IDBDatabase> | null = null

function database(): Promise<IDBDatabase> {
  opened ??= new Promise((resolve, reject) => {
    const asked = indexedDB.open(NAME, VERSION)
    asked.onupgradeneeded = () => {
      for (const [name, keyPath] of Object.entries(KEYS)) if (!asked.result.objectStoreNames.contains(name)) asked.result.createObjectStore(name, { keyPath })
    }
    asked.onsuccess = () => {
      const found = asked.result
      found.onclose = () => { opened = null } // the system took it from a page in the background
      found.onversionchange = () => { opened = null; found.close() } // a newer page in another tab
      resolve(found)
    }
    asked.onerror = () => { opened = null; reject(asked.error ?? new Error(NAME)) }
  })
  return opened
}

async function begun(names: StoreName[], mode: IDBTransactionMode): Promise<IDBTransaction> {
  try {
    return (await database()).transaction(names, mode, { durability: 'strict' })
  } catch (failure) {
    if (!(failure instanceof DOMException) || failure.name !== 'InvalidStateError') throw failure
    opened = null // it was closed, and nobody said so: it is opened again, once
    return (await database()).transaction(names, mode, { durability: 'strict' })
  }
}

/** One transaction: done when the browser has written it to the disk, or refused and nothing has changed. */
async function within<T>(names: StoreName[], mode: IDBTransactionMode, work: (of: (name: StoreName) => IDBObjectStore) => IDBRequest<T> | null): Promise<T | undefined> {
  const transaction = await begun(names, mode)
  const asked = work((name) => transaction.objectStore(name))
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve(asked?.result)
    transaction.onabort = () => reject(transaction.error ?? new Error(names.join()))
  })
}

export const all = async <T>(name: StoreName): Promise<T[]> => (await within([name], 'readonly', (of) => of(name).getAll() as IDBRequest<T[]>)) ?? []
export const one = <T>(name: StoreName, key: string): Promise<T | undefined> => within([name], 'readonly', (of) => of(name).get(key) as IDBRequest<T | undefined>)

/** Something that is put into a store, or a key that is dropped from it. */
export type Change = { store: StoreName } & ({ put: object } | { drop: string })

/** All of it, or nothing. */
export async function write(changes: readonly Change[]): Promise<void> {
  await within([...new Set(changes.map(({ store }) => store))], 'readwrite', (of) => {
    for (const change of changes) {
      if ('put' in change) of(change.store).put(change.put)
      else of(change.store).delete(change.drop)
    }
    return null
  })
}
export const put = (store: StoreName, value: object): Promise<void> => write([{ store, put: value }])
export const drop = (store: StoreName, key: string): Promise<void> => write([{ store, drop: key }])

/** Bytes that are left to us, null where the browser does not say. Asks the browser not to clear what is kept. */
export async function roomLeft(): Promise<number | null> {
  try {
    const { quota, usage } = await navigator.storage.estimate()
    return quota === undefined ? null : quota - (usage ?? 0)
  } catch {
    return null // no secure context: the browser says nothing of its storage
  }
}
export async function askToKeep(): Promise<void> {
  try { await navigator.storage.persist() } catch { /* the browser decides; what is kept stays usable */ }
}
