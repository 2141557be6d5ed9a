// What was noted in the field: kept on the phone at once, sent when there is a line, each once however often it is sent.
import { computed, reactive, ref, shallowRef, watch } from 'vue'
import { ApiFailure, post, request, type Got } from '../api/client'
import { say } from '../i18n'
import { minute } from '../format/numbers'
import { loadSession, session } from '../state/session'
import { deliver, isDue, type Went } from './delivery'
import { halfFilled, readForms } from './forms'
import { noteUnsent, ownOf } from './mark'
import { all, drop, put, write, type Change } from './store'
import type { InspectionStepBody as StepBody } from '../api/schema'
import type { Draft } from './types'

/** As they lie on the disk: whatever were made reactive could not be stored again. */
export const drafts = shallowRef<Draft[]>([])
export const sending = reactive({ busy: false, late: false, sent: 0, at: '' })
export const waiting = computed(() => drafts.value.filter(({ state }) => state === 'waiting').length)
export const unsent = computed(() => drafts.value.filter(({ state }) => state !== 'sent').length)
const others = ref(0) // of those who worked on this phone before: signing out would take theirs too
const atStake = computed(() => unsent.value + others.value + halfFilled.value)
watch(atStake, noteUnsent)
const LOCK = 'jingtu-field-send'
const RECORDS = new Set(['visit', 'differ', 'verify'])

export async function readDrafts(): Promise<void> {
  const every = await all<Draft>('drafts')
  const mine = ownOf(every)
  others.value = every.filter(({ by, state }) => by !== session.me.username && state !== 'sent').length
  await readForms()
  drafts.value = mine.sort((a, b) => a.at.localeCompare(b.at))
  noteUnsent(atStake.value) // whatever was noted before
}

type New = Pick<Draft, 'inspection' | 'title' | 'step' | 'photo'>

/** On the disk, all in one, before they are said to be kept. Raises what the browser says where it has no room. */
export async function keepDrafts(made: readonly New[], more: readonly Change[]): Promise<void> {
  const now = Date.now()
  const kept = made.map((one, at): Draft => ({ ...one, key: crypto.randomUUID(), by: session.me.username!, at: new Date(now + at).toISOString(), state: 'waiting' }))
  await write([...kept.map((draft): Change => ({ store: 'drafts', put: draft })), ...more])
  drafts.value = [...drafts.value, ...kept]
  await readForms()
}

async function change(draft: Draft, told: Partial<Draft>): Promise<void> {
  const now = { ...draft, ...told }
  await put('drafts', now)
  drafts.value = drafts.value.map((one) => (one.key === draft.key ? now : one))
}

export async function discard(draft: Draft): Promise<void> {
  await drop('drafts', draft.key)
  drafts.value = drafts.value.filter(({ key }) => key !== draft.key)
}

/** Sends what waits, those that failed a moment ago where they are asked for (`every`); one tab at a time. */
export async function send(every = true): Promise<void> {
  if (!session.me.username || sending.busy) return
  sending.busy = true
  try {
    await (navigator.locks ? navigator.locks.request(LOCK, () => sendAll(every)) : sendAll(every))
  } finally {
    sending.busy = false
  }
}

async function sendAll(every: boolean): Promise<void> {
  await readDrafts() // another tab may have sent some
  sending.late = false
  const now = Date.now()
  const { sent, stopped } = await deliver(drafts.value.filter((draft) => draft.state === 'waiting' && (every || isDue(draft, now))), sendOne)
  sending.late = stopped
  if (sent && session.offline) await loadSession() // what arrived shows that there is a line
  if (sent) Object.assign(sending, { sent, at: new Date().toISOString() })
}

async function sendOne(draft: Draft): Promise<Went> {
  try {
    await (draft.photo ? sendPhoto(draft) : sendStep(draft, draft.step!))
  } catch (failure) {
    if (failure instanceof Overtaken) { await change(draft, { state: 'conflict', told: failure.message }); return 'kept' }
    if (!(failure instanceof ApiFailure)) throw failure
    return failedBy(draft, failure)
  }
  await change(draft, { state: 'sent', told: undefined, sentAt: new Date().toISOString(), photo: draft.photo && { name: draft.photo.name, file: new Blob() } })
  return 'sent'
}

/** What is refused says why. Else it is the line, the session or the server that fails all, or this record alone. */
async function failedBy(draft: Draft, { kind, problem }: ApiFailure): Promise<Went> {
  const passes = kind === 'offline' || kind === 'server' || [408, 425, 429].includes(problem.status)
  if (kind === 'session') return 'stopped'
  if (!passes) {
    await change(draft, { state: 'refused', told: [problem.detail ?? problem.title, problem.hint].filter(Boolean).join(' ') })
    return 'kept'
  }
  if (!(await answers())) {
    if (kind === 'offline') session.offline = true
    return 'stopped'
  }
  const why = kind === 'offline' ? say('field.brokeOff') : problem.detail ?? problem.title
  await change(draft, { tries: (draft.tries ?? 0) + 1, triedAt: new Date().toISOString(), told: say('field.failing', { why }) })
  return 'failed'
}

const PROBE_MS = 15_000
/** Whether the server answers something small. */
async function answers(): Promise<boolean> {
  try {
    await request('/me', { signal: AbortSignal.timeout(PROBE_MS) })
    return true
  } catch (failure) {
    if (!(failure instanceof ApiFailure)) throw failure
    return false
  }
}

async function sendPhoto({ key, inspection, photo }: Draft): Promise<void> {
  const form = new FormData()
  form.append('subject', 'inspection')
  form.append('key', inspection)
  form.append('file', photo!.file, photo!.name)
  await request('/attachments', { method: 'POST', body: form, headers: { 'Idempotency-Key': key } })
}

/** Somebody's record of the same visit reached the server first. */
class Overtaken extends Error {}

async function sendStep(draft: Draft, step: StepBody): Promise<void> {
  const path = `/inspections/${encodeURIComponent(draft.inspection)}`
  try {
    await posted(draft.key, path, step)
  } catch (failure) {
    if (!(failure instanceof ApiFailure) || failure.problem.status !== 409 || !['stale', 'inspection_state'].includes(failure.problem.code ?? '')) throw failure
    const now = await request<Got<'/inspections/{number}'>>(path)
    const first = now.steps.findLast(({ kind, number }) => RECORDS.has(kind) && number > step.after)
    if (first || now.state === 'closed') {
      const last = first ?? now.steps.at(-1)!
      throw new Overtaken(say('field.overtaken', { who: last.by ?? say('field.somebody'), at: minute(last.at) }))
    }
    // Only a remark came between: the same record follows it.
    const following = { ...step, after: now.last_step }
    await change(draft, { step: following })
    await posted(draft.key, path, following)
  }
}
const posted = (key: string, path: string, step: StepBody): Promise<unknown> => post(`${path}/steps`, step, undefined, { 'Idempotency-Key': key })

/** Both records stay: ours follows as what differs, with the words that say so. */
export async function tellDifference(draft: Draft, note: string): Promise<void> {
  const now = await request<Got<'/inspections/{number}'>>(`/inspections/${encodeURIComponent(draft.inspection)}`)
  const { note: own } = draft.step! // of a mending there is no check-list: its words are all that it says
  await change(draft, { state: 'waiting', told: undefined, step: { ...draft.step!, kind: 'differ', after: now.last_step, note: [note, own].filter(Boolean).join('\n') } })
  await send()
}

/** What was refused may be taken later: rights come back, a gateway answers for itself. */
export async function again(draft: Draft): Promise<void> {
  await change(draft, { state: 'waiting', told: undefined, tries: undefined })
  await send()
}

/** What was sent more than a day ago needs no place. */
export async function tidy(): Promise<void> {
  const old = Date.now() - 24 * 3600 * 1000
  for (const draft of drafts.value) if (draft.state === 'sent' && Date.parse(draft.sentAt ?? draft.at) < old) await discard(draft)
}

const AGAIN_MS = 30_000
let timer = 0

/** Sends whenever there may be a line: now, when the browser says so, when the page is looked at, and every half minute. */
export function keepSending(): () => void {
  const tryNow = () => { if (navigator.onLine && document.visibilityState === 'visible' && waiting.value) void send(false) }
  window.addEventListener('online', tryNow)
  document.addEventListener('visibilitychange', tryNow)
  timer = window.setInterval(tryNow, AGAIN_MS)
  tryNow()
  return () => {
    window.removeEventListener('online', tryNow)
    document.removeEventListener('visibilitychange', tryNow)
    window.clearInterval(timer)
  }
}
