// Matters and land uses in words: codes always with the system they come from.
import { shallowReactive } from 'vue'
import { api, ApiFailure } from '../api/client'
import type { LanduseCode, UseCode } from '../api/schema'
import { language, say } from '../i18n'
import { data } from '../state/catalog'

const SYSTEMS: Record<string, string> = { 'GBT21010-2017': 'GB/T 21010' }
const names = shallowReactive(new Map<string, LanduseCode>())

/** Remembers names that a search brought, so that a code chosen once is shown with its name. */
export function remember(codes: LanduseCode[]): void {
  for (const one of codes) names.set(`${one.system}:${one.code}`, one)
}

/** Asks for the names of codes that were never searched for, as in an answer opened by its link. */
export async function learn(uses: (UseCode | null | undefined)[]): Promise<void> {
  const unknown = uses.filter((use): use is UseCode => !!use && !names.has(`${use.system}:${use.code}`))
  await Promise.all(unknown.map(async ({ code }) => {
    try {
      remember(await api.landuse(code))
    } catch (failure) {
      if (!(failure instanceof ApiFailure)) throw failure // the code alone still says it
    }
  }))
}

export function nameOf(code: LanduseCode): string {
  return language() === 'en' && code.name_en ? code.name_en : code.name
}

export function systemTitle(system: string): string {
  return SYSTEMS[system] ?? system
}

export function useText(use: UseCode | null | undefined): string {
  if (!use) return say('identify.empty')
  const known = names.get(`${use.system}:${use.code}`)
  const name = known && nameOf(known)
  const system = use.system === 'MNR-2023' ? '' : say('app.brackets', { text: systemTitle(use.system) })
  return `${use.code}${name ? ` ${name}` : ''}${system}`
}

export function actionTitle(id: string | null | undefined): string {
  if (!id) return say('panel.noAction')
  return data.catalog?.actions.find((a) => a.id === id)?.title ?? id
}
