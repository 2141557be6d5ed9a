// Half-filled check-lists: kept as they are typed, each for its writer alone, until they are stored as a record or thrown away.
import { ref, shallowRef } from 'vue'
import { session } from '../state/session'
import { ownOf } from './mark'
import { all, drop, put, write, type Change } from './store'

export type Answers = Record<string, { ok: boolean | null; text: string }>
export interface Filled { answers: Answers; note: string; mends: boolean }
/** `after`: the last step of the inspection when it was begun. */
export interface Form extends Filled { key: string; by: string; inspection: string; at: string; after: number }
/** A photo has an entry of its own: what is typed does not write it again. */
export interface FormPhoto { key: string; by: string; inspection: string; photo: { name: string; file: Blob } }

/** What was kept of a check-list, if anything. */
export interface Begun { form: Form | null; photos: FormPhoto[] }

/** The asker's, for the list of inspections. */
export const forms = shallowRef<Form[]>([])
/** Of whoever worked on this phone. */
export const halfFilled = ref(0)

export const isBlank = ({ answers, note }: Filled, photos: number): boolean =>
  !photos && !note.trim() && Object.values(answers).every(({ ok, text }) => ok === null && !text.trim())

/** What was kept of a check-list, laid into today's: items that are no longer asked go. */
export function filledIn(checklist: Record<string, string>, kept?: Answers): Answers {
  return Object.fromEntries(Object.keys(checklist).map((item) => [item, { ok: null, text: '', ...kept?.[item] }]))
}

const keyOf = (inspection: string): string => `${session.me.username}/${inspection}`

export async function readForms(): Promise<void> {
  const every = (await all<Form | FormPhoto>('forms')).filter((one) => 'answers' in one)
  halfFilled.value = every.length
  forms.value = ownOf(every)
}

export async function begunOf(inspection: string): Promise<Begun> {
  try {
    const mine = ownOf(await all<Form | FormPhoto>('forms')).filter((one) => one.inspection === inspection)
    return { form: mine.find((one) => 'answers' in one) ?? null, photos: mine.filter((one) => 'photo' in one) }
  } catch (failure) {
    console.warn('nothing is kept here:', failure) // a private window
    return { form: null, photos: [] }
  }
}

export async function keepForm(inspection: string, after: number, filled: Filled): Promise<void> {
  const form: Form = { ...filled, key: keyOf(inspection), by: session.me.username!, inspection, at: new Date().toISOString(), after }
  await put('forms', form)
  await readForms()
}
export function newPhoto(inspection: string, name: string, file: Blob): FormPhoto {
  return { key: `${keyOf(inspection)}/${crypto.randomUUID()}`, by: session.me.username!, inspection, photo: { name, file } }
}
export const keepPhoto = (photo: FormPhoto): Promise<void> => put('forms', photo)
export const dropPhoto = ({ key }: FormPhoto): Promise<void> => drop('forms', key)

/** That a form and its photos go, for the transaction in which they become records. */
export const gone = (inspection: string, photos: readonly FormPhoto[]): Change[] =>
  [keyOf(inspection), ...photos.map(({ key }) => key)].map((key) => ({ store: 'forms', drop: key }))

export async function discardForm(inspection: string, photos: readonly FormPhoto[]): Promise<void> {
  await write(gone(inspection, photos))
  await readForms()
}
