// What the phone keeps: drafts until they are sent, packages with their files, and what the page needs to open without a line.
export type StoreName = 'drafts' | 'packages' | 'kept'
const NAME = 'jingtu-field'
const KEYS: Record<StoreName, string> = { drafts: 'key', packages: 'id', kept: 'name' }

let opened: Promise<IDBDatabase> | null = null

function database(): Promise<IDBDatabase> {
  opened ??= new Promise((resolve, reject) => {
    const asked = indexedDB.open(NAME, 1)
    asked.onupgradeneeded = () => { for (const [name, keyPath] of Object.entries(KEYS)) asked.result.createObjectStore(name, { keyPath }) }
    asked.onsuccess = () => resolve(asked.result)
    asked.onerror = () => { opened = null; reject(asked.error ?? new Error(NAME)) }
  })
  return opened
}

/** One transaction: done when the browser has written it to the disk, or refused and nothing has changed. */
async function within<T>(name: StoreName, mode: IDBTransactionMode, work: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const transaction = (await database()).transaction(name, mode, { durability: 'strict' })
  const asked = work(transaction.objectStore(name))
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve(asked.result)
    transaction.onabort = () => reject(transaction.error ?? new Error(name))
  })
}

export const all = <T>(name: StoreName): Promise<T[]> => within(name, 'readonly', (store) => store.getAll() as IDBRequest<T[]>)
export const one = <T>(name: StoreName, key: string): Promise<T | undefined> => within(name, 'readonly', (store) => store.get(key) as IDBRequest<T | undefined>)
export const put = (name: StoreName, value: object): Promise<IDBValidKey> => within(name, 'readwrite', (store) => store.put(value))
export const drop = (name: StoreName, key: string): Promise<undefined> => within(name, 'readwrite', (store) => store.delete(key))

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
