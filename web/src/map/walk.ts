// The map by keyboard: Tab goes from feature to feature in reading order, Enter tells what is there, Shift and arrows nudge.
import { ref } from 'vue'
import { say } from '../i18n'
import { layerTitle } from '../state/catalog'
import { drawing } from '../state/drawing'
import { askHere, found, goTo, openFeature } from '../state/here'
import { mapControl } from './control'
import type { Seen } from './counted'

export const walked = ref('')
let list: Seen[] = []
let at = -1
const MOST = 100
const NUDGE_PX = 10
const NUDGES: Record<string, [number, number]> = {
  ArrowLeft: [-NUDGE_PX, 0], ArrowRight: [NUDGE_PX, 0], ArrowUp: [0, -NUDGE_PX], ArrowDown: [0, NUDGE_PX],
}

/** Forgets where it was: the map has moved, or the focus came anew. */
export function beginWalk(): void {
  list = []
  at = -1
  walked.value = ''
}

function step(by: 1 | -1): boolean {
  const control = mapControl.value
  if (!control) return false
  if (at < 0 && by > 0) list = control.seen(null).slice(0, MOST)
  const next = at + by
  const one = list[next]
  if (!one) { beginWalk(); control.lightUp(null); return false } // past the last the focus goes on
  at = next
  control.lightUp({ layer: one.layer, featureId: one.id })
  walked.value = say('map.walked', { name: one.name || one.id, layer: layerTitle(one.layer), n: at + 1, all: list.length })
  return true
}

/** Keys on the map's canvas. While a boundary is drawn they belong to the drawing. */
export function mapPressed(event: KeyboardEvent): void {
  const control = mapControl.value
  if (drawing.active || !control || event.ctrlKey || event.metaKey || event.altKey) return
  if (event.key === 'Tab' && step(event.shiftKey ? -1 : 1)) event.preventDefault()
  if (event.key === 'Enter') {
    event.preventDefault()
    const one = list[at]
    if (one) void openFeature(one.layer, one.id, false)
    else void askHere(...control.centre())
  }
  const nudge = event.shiftKey ? NUDGES[event.key] : undefined
  if (nudge) {
    event.preventDefault()
    event.stopImmediatePropagation()
    control.pan(...nudge)
  }
  const chosen = found.value[0]?.geometry
  if (event.key === '.' && chosen) { event.preventDefault(); goTo(chosen) }
}
