// Single-letter keys of the page; they work only while no field has the focus.
import { onBeforeUnmount, onMounted } from 'vue'
import { begin, check, stepBack } from './state/check'
import { addPoint, drawing, redoPoint, startHole, startPart, undoPoint } from './state/drawing'
import { mapControl } from './map/control'
import { treeOpen } from './state/layout'
import { view } from './state/view'
import { pickParcel } from './map/pick'

const inField = (target: EventTarget | null) =>
  target instanceof HTMLElement && (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName))

function focusSearch(): void {
  treeOpen.value = true
  requestAnimationFrame(() => document.querySelector<HTMLInputElement>('#layer-search')?.focus())
}

const ALONE: Record<string, () => void> = {
  '/': focusSearch,
  c: () => document.querySelector<HTMLButtonElement>('[data-way="pick"]')?.focus(),
  d: () => begin('draw'),
  u: () => document.querySelector<HTMLInputElement>('#upload-file')?.click(),
  v: () => begin('paste'),
  g: () => document.querySelector<HTMLElement>('#gaps')?.focus(),
  r: () => document.querySelector<HTMLElement>('[data-report]')?.focus(),
  j: () => stepFinding(1),
  k: () => stepFinding(-1),
}

function stepFinding(by: number): void {
  const all = [...document.querySelectorAll<HTMLElement>('[data-finding]')]
  const now = all.findIndex((item) => item.contains(document.activeElement))
  all[Math.min(all.length - 1, Math.max(0, now + by))]?.focus()
}

const DRAWING: Record<string, () => void> = {
  Backspace: undoPoint,
  h: startHole,
  p: startPart,
  x: () => document.querySelector<HTMLInputElement>('#draw-typed')?.focus(),
  Enter: () => { const at = drawing.centre?.() ?? mapControl.value?.centre(); if (at) addPoint(at) },
}

function pressed(event: KeyboardEvent): void {
  if (event.key === 'Escape' && !view.page && !document.querySelector('dialog[open]')) return stepBack()
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
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]') || check.step === 'reading') return
  if (view.page) return // a page has keys of its own
  if (check.step === 'pick' && event.key === 'Enter' && (event.target as HTMLElement | null)?.tagName === 'CANVAS') {
    const at = mapControl.value?.centre()
    if (at) void pickParcel(...at)
    return
  }
  const act = ALONE[event.key]
  if (act) { event.preventDefault(); act() }
}

export function followKeys(): void {
  onMounted(() => window.addEventListener('keydown', pressed))
  onBeforeUnmount(() => window.removeEventListener('keydown', pressed))
}
