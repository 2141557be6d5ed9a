// A dialog that is taken away gives the focus back, so that who works by keyboard goes on where he was.
import { nextTick, onUnmounted } from 'vue'

/** To what had it before, else to the step that the dialog came from; nothing where something else took it. */
export function givesFocusBack(): void {
  const before = document.activeElement as HTMLElement | null
  onUnmounted(() => void nextTick(() => {
    if (document.activeElement !== document.body) return
    const step = before?.isConnected && before !== document.body ? before : document.querySelector<HTMLElement>('[data-confirm]')
    step?.focus()
  }))
}
