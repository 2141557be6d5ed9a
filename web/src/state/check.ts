// One check from the parcel to the verdict: which step it is at, what was read, what was asked, what came back.
import { computed, markRaw, reactive, shallowRef } from 'vue'
import { api, ApiFailure } from '../api/client'
import type { CheckAnswer, CheckSummary, Example, ParcelGeometry, Preview, UseCode } from '../api/schema'
import type { CheckRequest } from '../check/request'
import { geometryArea } from '../format/ellipsoid'
import { positions } from '../format/geometry'
import { understandPaste } from '../check/pasted'
import { say } from '../i18n'
import { today } from '../share/today'
import { drawing, startDrawing, stopDrawing } from './drawing'
import { session, signedIn } from './session'
import { openPage, view } from './view'

export type Step = 'idle' | 'pick' | 'draw' | 'reading' | 'preview' | 'ask' | 'waiting' | 'answer' | 'failed'
export type Way = 'pick' | 'draw' | 'upload' | 'paste' | 'example' | 'link'

export interface Question {
  action: string
  current: UseCode | null
  proposed: UseCode | null
  project: Record<string, unknown>
  purpose: string
  asOf: string
}

const EMPTY: Question = { action: '', current: null, proposed: null, project: {}, purpose: '', asOf: '' }

export const check = reactive({
  step: 'idle' as Step,
  way: 'pick' as Way,
  sourceName: '',
  preview: null as Preview | null,
  chosen: 0,
  parcelNo: null as string | null, // a cadastral parcel picked on the map is asked by its number
  question: structuredClone(EMPTY),
  failure: null as ApiFailure | null,
  long: false,
  pasting: false,
  note: '', // what the pick says when it finds nothing
})

export const answer = shallowRef<CheckAnswer | null>(null)
export const answerName = shallowRef('')
export const examples = shallowRef<Example[]>([])
/** The file that was read last, for checking all its parcels at once. */
export const batchFile = shallowRef<File | null>(null)
/** What was read, to be asked about again: the file, or the pasted text as one. */
export const sourceFile = shallowRef<File | null>(null)
export const recent = shallowRef<CheckSummary[]>([])

export const chosenParcel = computed(() => check.preview?.parcels[check.chosen] ?? null)
export const faults = computed(() => check.preview?.issues.filter((i) => i.severity === 'error') ?? [])
export const panelOpen = computed(() => ['reading', 'preview', 'ask', 'waiting', 'answer', 'failed'].includes(check.step))

let running: AbortController | null = null
let lastTry: (() => Promise<void>) | null = null

function stopRunning(): void {
  running?.abort()
  running = null
}

/** Back to the bare map; a drawing in progress is given up only by saying so. */
export function closeCheck(): void {
  stopRunning()
  stopDrawing()
  Object.assign(check, { step: 'idle', preview: null, parcelNo: null, failure: null, pasting: false, note: '', sourceName: '' })
  answer.value = null
  view.check = null
}

export function begin(way: Way): void {
  if (!signedIn.value) return
  closeCheck()
  check.way = way
  check.question = structuredClone(EMPTY)
  if (way === 'pick') check.step = 'pick'
  if (way === 'draw') { check.step = 'draw'; startDrawing((shape) => takeGeometry(shape, say('preview.drawnName'), null), closeCheck) }
  if (way === 'paste') check.pasting = true
}

async function reading(name: string, answered: Promise<Preview>): Promise<void> {
  stopRunning()
  const own = new AbortController()
  running = own
  Object.assign(check, { step: 'reading', sourceName: name, preview: null, chosen: 0, parcelNo: null, failure: null, pasting: false })
  answer.value = null
  try {
    const preview = await answered
    if (own.signal.aborted) return // given up, or another file since: it must not stand under that one's name
    check.preview = markRaw(preview)
    check.step = 'preview'
  } catch (failure) {
    failed(failure, own)
  }
}

export function readFile(file: File): Promise<void> {
  if (!signedIn.value) return Promise.resolve()
  closeCheck()
  check.way = 'upload'
  check.question = structuredClone(EMPTY)
  sourceFile.value = file
  const again = () => reading(file.name, api.previewFile(file))
  lastTry = again
  return again()
}

export function readText(text: string): Promise<void> {
  check.way = 'paste'
  const pasted = understandPaste(text)
  if (pasted.kind === 'fault') {
    check.note = say(`paste.${pasted.code}`, { row: pasted.row })
    return Promise.resolve()
  }
  check.note = ''
  if (pasted.kind === 'shape') {
    check.pasting = false
    takeGeometry(pasted.shape, say('preview.pasted'), null)
    return Promise.resolve()
  }
  sourceFile.value = new File([pasted.text], 'pasted.txt')
  const again = () => reading(say('preview.pasted'), api.previewText(pasted.text))
  lastTry = again
  return again()
}

/** Corners, without the ones that close the rings. */
const pointCount = (geometry: ParcelGeometry) => positions(geometry).length - (geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates).flat().length

/** A site of the registers as a parcel: a check of its own, of which nothing is said yet. */
export function checkSite(geometry: ParcelGeometry, name: string): void {
  begin('pick')
  check.question.asOf = view.day ?? '' // the boundary is that of the day which is looked at
  takeGeometry(geometry, name, null)
}

/** A parcel that needs no reading: drawn here, or taken from the map. */
export function takeGeometry(geometry: ParcelGeometry, name: string, no: string | null): void {
  const area = geometryArea(geometry)
  check.preview = markRaw({
    ok: true, crs: 4490, encoding: '', issues: [], text_lines: null,
    parcels: [{ no, name, area_m2: area, declared_area_m2: null, points: pointCount(geometry), geometry }],
  })
  check.chosen = 0
  check.parcelNo = no
  const names: Partial<Record<Way, string>> = { draw: 'preview.drawn', paste: 'preview.pasted' }
  check.sourceName = say(names[check.way] ?? 'preview.picked')
  check.step = 'preview'
}

/** Every parcel of the file that was read, on a page of its own. */
export function checkAll(): void {
  batchFile.value = sourceFile.value
  closeCheck()
  openPage('checks')
}

export function confirmParcel(): void {
  if (chosenParcel.value?.geometry && !faults.value.length) check.step = 'ask'
}

export function requestBody(): CheckRequest | null {
  const parcel = chosenParcel.value
  if (!parcel?.geometry) return null
  const { question } = check
  const project = Object.fromEntries(Object.entries(question.project).filter(([, value]) => value !== null && value !== undefined && value !== ''))
  const { parcelNo } = check
  return {
    parcel: parcelNo ? { parcel_no: parcelNo } : { type: 'Feature', geometry: parcel.geometry, properties: { parcel_no: parcel.no, name: parcel.name } },
    ...(question.action ? { action: question.action } : {}),
    ...(question.current ? { current_use: question.current } : {}),
    ...(question.proposed ? { proposed_use: question.proposed } : {}),
    ...(Object.keys(project).length ? { project } : {}),
    ...(question.purpose ? { purpose: question.purpose } : {}),
    ...(question.asOf ? { as_of: question.asOf } : {}),
  }
}

export async function start(body: CheckRequest | null = requestBody(), name = parcelName()): Promise<void> {
  if (!body) return
  lastTry = () => start(body, name)
  await waitFor(name, (signal) => api.createCheck(body, signal))
  if (answer.value) void loadRecent()
}

export function runExample(example: Example): Promise<void> {
  closeCheck()
  check.way = 'example'
  return start(example.body, example.title)
}

export async function openCheck(id: string): Promise<void> {
  closeCheck()
  check.way = 'link'
  lastTry = () => openCheck(id)
  await waitFor('', () => api.check(id))
}

async function waitFor(name: string, asking: (signal: AbortSignal) => Promise<CheckAnswer>): Promise<void> {
  stopRunning()
  const own = new AbortController()
  running = own
  Object.assign(check, { step: 'waiting', failure: null, long: false })
  answer.value = null
  const slow = window.setTimeout(() => { check.long = true }, 5000)
  try {
    const found = await asking(own.signal)
    if (own.signal.aborted) return
    answer.value = found
    answerName.value = found.parcel.parcel_no ?? name
    view.check = found.id
    check.step = 'answer'
  } catch (failure) {
    failed(failure, own)
  } finally {
    window.clearTimeout(slow)
    if (running === own) running = null
  }
}

function failed(failure: unknown, own: AbortController): void {
  if (own.signal.aborted) return
  if (!(failure instanceof ApiFailure)) throw failure
  if (failure.kind === 'offline') session.offline = true
  check.failure = failure
  check.step = 'failed'
}

export function tryAgain(): void {
  session.offline = !navigator.onLine
  void lastTry?.()
}

function parcelName(): string {
  const parcel = chosenParcel.value
  return parcel?.name || parcel?.no || ''
}

/** One step back; never loses a drawing or what was read. */
export function stepBack(): void {
  if (check.pasting) check.pasting = false
  else if (check.step === 'ask') check.step = 'preview'
  else if (check.step === 'waiting') { stopRunning(); check.step = check.preview ? 'ask' : 'idle' }
  else if (check.step === 'failed') check.step = check.preview ? 'ask' : 'idle'
  else if (check.step === 'preview' && check.way === 'draw') { check.step = 'draw'; check.preview = null; drawing.active = true }
  else if (check.step !== 'idle' && check.step !== 'draw') closeCheck()
}

/** What a stored answer was asked; nothing of what was asked before it, for that would be another project's. */
function questionOf(stored: CheckAnswer): Question {
  return {
    action: stored.action ?? '', current: stored.current_use, proposed: stored.proposed_use, project: { ...stored.project }, purpose: stored.purpose,
    asOf: stored.as_of === today(Date.parse(stored.checked_at)) ? '' : stored.as_of, // the day of the check itself was none that somebody chose
  }
}

/** Opens the dialog again on a stored answer, with its parcel, to fill in what was left out. */
export function changeInput(): void {
  const stored = answer.value
  if (!stored) return
  if (!check.preview) {
    takeGeometry(stored.parcel.geometry, answerName.value, null)
    check.question = questionOf(stored)
  }
  answer.value = null
  view.check = null
  check.step = 'ask'
}

export async function loadRecent(): Promise<void> {
  if (!signedIn.value) return
  try {
    recent.value = await api.checks()
  } catch (failure) {
    if (!(failure instanceof ApiFailure)) throw failure // the list is a convenience: without it the page still checks
  }
}

export async function loadExamples(): Promise<void> {
  if (!signedIn.value) return
  try {
    examples.value = await api.examples()
  } catch (failure) {
    if (!(failure instanceof ApiFailure)) throw failure
  }
}
