// The three heights of the sheet on a phone: a tap goes on to the next, a drag to the nearest.
import { sheet, type SheetHeight } from '../state/layout'

const ORDER: SheetHeight[] = ['peek', 'half', 'full']
const DRAG_PX = 24

let dragged = false

export function nextHeight(): void {
  if (dragged) { dragged = false; return }
  sheet.value = ORDER[(ORDER.indexOf(sheet.value) + 1) % ORDER.length]!
}

export function dragSheet(event: PointerEvent): void {
  const start = event.clientY
  const grip = event.currentTarget as HTMLElement
  grip.setPointerCapture(event.pointerId)
  grip.addEventListener('pointerup', (end) => {
    const moved = end.clientY - start
    dragged = Math.abs(moved) > DRAG_PX
    if (!dragged) return
    const step = moved > 0 ? -1 : 1
    sheet.value = ORDER[Math.min(2, Math.max(0, ORDER.indexOf(sheet.value) + step))]!
  }, { once: true })
}
