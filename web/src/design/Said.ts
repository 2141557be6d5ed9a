// What the server said, in the page's language; names in it that stay Chinese are marked as such for whoever reads aloud.
import { h, type FunctionalComponent } from 'vue'
import { language } from '../i18n'

const HAN = /([\u3400-\u9fff]+)/

export const Said: FunctionalComponent<{ text: string | null | undefined }> = ({ text }) =>
  language() === 'en' ? text?.split(HAN).map((part) => (HAN.test(part) ? h('span', { lang: 'zh-CN' }, part) : part)) : text
Said.props = ['text']
