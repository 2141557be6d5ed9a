// Languages: Chinese first, English beside it; the choice is remembered on this machine.
import { createI18n } from 'vue-i18n'
import { zh } from './zh'

export type Language = 'zh' | 'en'
const REMEMBERED = 'jingtu.language'

let hasEnglish = false
/** The language that was chosen on this machine. */
export const remembered: Language = localStorage.getItem(REMEMBERED) === 'en' ? 'en' : 'zh'
export const i18n = createI18n({
  legacy: false,
  locale: 'zh' as Language,
  fallbackLocale: 'zh',
  messages: { zh } as { zh: typeof zh; en?: typeof zh },
  warnHtmlMessage: false,
})

/** Says a string; a parameter `n`, a number or one written out, also chooses the plural form where a language has one. */
export type Say = (key: string, values?: Record<string, string | number>) => string

export const say: Say = (key, values = {}) => {
  const plural = values.n === undefined || String(values.n) === '1' ? 1 : 2
  return i18n.global.t(key, values, { plural })
}

export function language(): Language {
  return i18n.global.locale.value as Language
}

/** English comes when it is asked for; what cannot be fetched just now leaves the page as it is. */
export async function setLanguage(next: Language): Promise<void> {
  if (next === 'en' && !hasEnglish) {
    const { en } = await import('./en')
    i18n.global.mergeLocaleMessage('en', en)
    hasEnglish = true
  }
  i18n.global.locale.value = next
  localStorage.setItem(REMEMBERED, next)
  document.documentElement.lang = next === 'zh' ? 'zh-CN' : 'en'
  document.title = say('app.title')
}

export type Twin<W> = { [key in keyof W]: W[key] extends string ? string : Twin<W[key]> }

/** What stands between the parts of a list. */
export const comma = (): string => say('app.comma')

/** Words of a page that comes on demand, in both languages, key by key. */
export function addWords<W extends object>(chinese: W, english: Twin<W>): void {
  i18n.global.mergeLocaleMessage('zh', chinese)
  i18n.global.mergeLocaleMessage('en', english)
}
