// Who is asking, in which language and light, and whether the line is up. Asked first: a stranger asks nothing that is refused.
import { computed, reactive, ref, watch } from 'vue'
import { api, ApiFailure, configure } from '../api/client'
import type { Me } from '../api/schema'
import { language } from '../i18n'

const STRANGER: Me = { username: null, role: 'public', counties: [] }

export const session = reactive({ me: STRANGER, known: false, ended: false, offline: !navigator.onLine })
export const signedIn = computed(() => session.me.username !== null)

const LOGIN = '/accounts/login/'
export function loginAddress(): string {
  return `${LOGIN}?next=${encodeURIComponent(location.pathname + location.search + location.hash)}`
}

export async function loadSession(): Promise<void> {
  try {
    const told = await api.me()
    // Whose session ended, or whom a lost line hid, stays on his page: what he wrote there is his until he signs in again.
    const stays = !told.username && !!session.me.username && (session.ended || session.offline)
    session.offline = false
    session.ended = stays
    if (!stays) session.me = told
  } catch (failure) {
    if (!(failure instanceof ApiFailure)) throw failure
    session.offline = failure.kind === 'offline' || [502, 503, 504].includes(failure.problem.status) // a gateway alone is no server
  }
  session.known = true
}

export function watchSession(): void {
  configure({ onSessionEnd: () => { session.ended = signedIn.value } })
  watch(language, (now) => configure({ language: now }), { immediate: true })
  watch(() => session.me.username, (asker) => configure({ asker }), { immediate: true, flush: 'sync' })
  window.addEventListener('online', () => { session.offline = false })
  window.addEventListener('offline', () => { session.offline = true })
  // Signing in happens in another tab, so that a drawn parcel stays: coming back asks again who is there, and what he may see.
  window.addEventListener('focus', () => { if (signedIn.value) void loadSession() })
}

export type Theme = 'light' | 'dark'
const REMEMBERED = 'jingtu.theme'
const preferred = window.matchMedia?.('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'
export const theme = ref<Theme>((localStorage.getItem(REMEMBERED) as Theme | null) ?? preferred)

export function setTheme(next: Theme): void {
  theme.value = next
  localStorage.setItem(REMEMBERED, next)
}
watch(theme, (now) => { document.documentElement.dataset.theme = now }, { immediate: true })

export function reducedMotion(): boolean {
  return window.matchMedia('(prefers-reduced-motion: reduce)').matches
}
