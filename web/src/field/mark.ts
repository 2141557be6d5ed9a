// Who left something on this phone: read at every start, so that it goes when another signs in, or its owner signed out.
import { session } from '../state/session'

const MARK = 'jingtu.field'
const LEFT = '-' // no user is called so

export const markPhone = (username: string): void => localStorage.setItem(MARK, username)
export const unmarkPhone = (): void => localStorage.removeItem(MARK)
export function leavePhone(): void { if (localStorage.getItem(MARK)) localStorage.setItem(MARK, LEFT) }

// How many records of this phone were not delivered: read where one signs out, which clears the browser's storage.
const UNSENT = 'jingtu.unsent'
export const noteUnsent = (many: number): void => (many ? localStorage.setItem(UNSENT, String(many)) : localStorage.removeItem(UNSENT))
export const unsentHere = (): number => Number(localStorage.getItem(UNSENT) ?? 0)

/** Whether what lies here is to go. A session that ended by itself is no reason: its owner may stand in the desert. */
export function isAnothers(username: string | null): boolean {
  const marked = localStorage.getItem(MARK)
  return marked !== null && (marked === LEFT || (username !== null && marked !== username))
}

/** Nobody is shown another's, though it lies on the same phone. */
export const ownOf = <E extends { by: string }>(every: readonly E[]): E[] => every.filter(({ by }) => by === session.me.username)
