// The inspections that the asker was drawn for: from the server, else as they were when there was a line.
import { computed, ref, shallowRef } from 'vue'
import { ApiFailure, request } from '../api/client'
import { session } from '../state/session'
import { keep, keptList } from './kept'
import type { Inspection, InspectionList } from './types'

export const list = shallowRef<InspectionList>({ checklist: {}, inspections: [] })
export const readAt = ref<string | null>(null)
export const isOld = ref(false)
export const open = computed<Inspection[]>(() => list.value.inspections.filter(({ state }) => state !== 'closed'))

export async function readInspections(): Promise<void> {
  try {
    if (session.offline) throw new ApiFailure('offline', { title: '', status: 0 })
    list.value = await request<InspectionList>('/inspections?mine=true&limit=200')
    readAt.value = new Date().toISOString()
    isOld.value = false
  } catch (failure) {
    if (!(failure instanceof ApiFailure)) throw failure
    list.value = (await keptList()) ?? list.value
    isOld.value = true
    return
  }
  await keep(list.value).catch((failure: unknown) => console.warn('nothing is kept here:', failure)) // a private window
}
