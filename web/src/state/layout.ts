// How much room there is, and which parts are unfolded.
import { ref, watch } from 'vue'

function matches(query: string) {
  const media = window.matchMedia(query)
  const now = ref(media.matches)
  media.addEventListener('change', (event) => { now.value = event.matches })
  return now
}

export const phone = matches('(max-width: 720px)')
export const tablet = matches('(max-width: 1100px)')
export const wide = matches('(min-width: 1441px)')
export const treeOpen = ref(!tablet.value)
export const startOpen = ref(true)
export type SheetHeight = 'peek' | 'half' | 'full'
export const sheet = ref<SheetHeight>('half')

watch(tablet, (now) => { treeOpen.value = !now })
