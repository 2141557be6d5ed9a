// Matters and land uses in words: codes always with the system they come from.
import { shallowReactive } from 'vue'
import { api, ApiFailure } from '../api/client'
import type { LanduseCode, UseCode } from '../api/types'
import { say } from '../i18n'
import { data } from '../state/catalog'

const SYSTEMS: Record<string, string> = { 'GBT21010-2017': 'GB/T 21010' }
const names = shallowReactive(new Map<string, string>())

/** Remembers names that a search brought, so that a code chosen once is shown with its name. */
export function remember(codes: LanduseCode[]): void {
  for (const { system, code, name } of codes) names.set(`${system}:${code}`, name)
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

export function systemTitle(system: string): string {
  return SYSTEMS[system] ?? system
}

export function useText(use: UseCode | null | undefined): string {
  if (!use) return say('identify.empty')
  const name = names.get(`${use.system}:${use.code}`)
  const system = use.system === 'MNR-2023' ? '' : `（${systemTitle(use.system)}）`
  return `${use.code}${name ? ` ${name}` : ''}${system}`
}

export function actionTitle(id: string | null | undefined): string {
  if (!id) return say('panel.noAction')
  return data.catalog?.actions.find((a) => a.id === id)?.title ?? id
}
