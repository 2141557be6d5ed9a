// Keys of the page. Single letters work only while no field has the focus, and can be switched off (WCAG 2.1.4).
import { onBeforeUnmount, onMounted, ref } from 'vue'
import { begin, check, stepBack } from './state/check'
import { addPoint, drawing, redoPoint, startHole, startPart, undoPoint } from './state/drawing'
import { closeHere, found, here } from './state/here'
import { openTable, table } from './state/table'
import { view } from './state/view'
import { mapControl } from './map/control'
import { pickParcel } from './map/pick'

const REMEMBERED = 'jingtu.keys'
export const lettersOn = ref(localStorage.getItem(REMEMBERED) !== 'off')
export const helpOpen = ref(false)

export function setLetters(on: boolean): void {
  lettersOn.value = on
  localStorage.setItem(REMEMBERED, on ? 'on' : 'off')
}

const inField = (target: EventTarget | null) =>
  target instanceof HTMLElement && (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName))
const focusOn = (selector: string) => document.querySelector<HTMLElement>(selector)?.focus()

const ALONE: Record<string, () => void> = {
  '/': () => focusOn('#find'),
  '?': () => { helpOpen.value = true },
  c: () => focusOn('[data-way="pick"]'),
  d: () => begin('draw'),
  u: () => document.querySelector<HTMLInputElement>('#upload-file')?.click(),
  v: () => begin('paste'),
  g: () => focusOn('#gaps'),
  r: () => focusOn('[data-report]'),
  j: () => stepFinding(1),
  k: () => stepFinding(-1),
  m: () => focusOn('#map canvas'),
  t: toRow,
}

/** From the map to the row of what is chosen, or to the table. */
function toRow(): void {
  const layer = view.chosen?.layer ?? table.layer ?? [...view.on][0]
  if (!layer) return
  if (table.layer !== layer) openTable(layer)
  const row = () => document.querySelector<HTMLElement>('.dock tr.on button') ?? document.querySelector<HTMLElement>('.dock .scroll')
  window.setTimeout(() => row()?.focus(), table.state === 'done' ? 0 : 400)
}

function stepFinding(by: number): void {
  const all = [...document.querySelectorAll<HTMLElement>('[data-finding]')]
  const now = all.findIndex((item) => item.contains(document.activeElement))
  all[Math.min(all.length - 1, Math.max(0, now + by))]?.focus()
}

/** The regions of the map page in their order; F6 goes round. */
const REGIONS = ['aside.tree, nav.rail', '.ways', '#map canvas, .nomap', 'aside.side, .here, .start', 'section.dock']

const FIRST = 'button:not(:disabled), input, select, [href], [tabindex="0"]'

function nextRegion(by: 1 | -1): void {
  const visible = (selector: string) => [...document.querySelectorAll<HTMLElement>(selector)].find((one) => one.offsetParent !== null)
  const regions = REGIONS.flatMap((selector) => visible(selector) ?? [])
  const now = regions.findIndex((one) => one.contains(document.activeElement))
  const { length } = regions
  for (let step = 1; step <= length; step += 1) {
    const next = regions[(Math.max(now, by > 0 ? now : 0) + by * step + length * 2) % length]!
    const target = next.matches('canvas, [tabindex]') ? next : next.querySelector<HTMLElement>(FIRST)
    if (target) { target.focus(); return }
  }
}

const DRAWING: Record<string, () => void> = {
  Backspace: undoPoint,
  h: startHole,
  p: startPart,
  x: () => focusOn('#draw-typed'),
  Enter: () => { const at = drawing.centre?.() ?? mapControl.value?.centre(); if (at) addPoint(at) },
}

function escape(): void {
  if (here.open && check.step === 'idle') closeHere()
  else stepBack()
}

function pressed(event: KeyboardEvent): void {
  const inDialog = document.querySelector('dialog[open]') !== null
  if (!inDialog && !view.page) { // a page has keys of its own
    if (event.key === 'F6') { event.preventDefault(); nextRegion(event.shiftKey ? -1 : 1); return }
    if (event.key === 'Escape') return escape()
  }
  if (inField(event.target)) return
  if (drawing.active) {
    if (event.ctrlKey || event.metaKey) {
      const act = { z: undoPoint, y: redoPoint, Enter: drawing.finish }[event.key]
      if (act) { event.preventDefault(); act() }
      return
    }
    const onMap = (event.target as HTMLElement | null)?.tagName === 'CANVAS'
    const act = event.key === 'Enter' && !onMap ? undefined : DRAWING[event.key]
    if (act) { event.preventDefault(); act() }
    return
  }
  if (event.ctrlKey || event.metaKey || event.altKey || inDialog || check.step === 'reading') return
  if (view.page) return
  if (check.step === 'pick' && event.key === 'Enter' && (event.target as HTMLElement | null)?.tagName === 'CANVAS') {
    const at = mapControl.value?.centre()
    if (at) void pickParcel(...at)
    return
  }
  if (!lettersOn.value && event.key !== '?') return
  if (event.key === 'm' && found.value[0]?.geometry) mapControl.value?.lightUp({ geometry: found.value[0].geometry })
  const act = ALONE[event.key]
  if (act) { event.preventDefault(); act() }
}

export function followKeys(): void {
  onMounted(() => window.addEventListener('keydown', pressed))
  onBeforeUnmount(() => window.removeEventListener('keydown', pressed))
}
