// Words of the map of a page, in both languages.
import { addWords, type Twin } from '../i18n'

export const zh = {
  pagemap: { all: '看全部', none: '本机不支持地图加速。表格里是同一份内容。' },
}

export const en: Twin<typeof zh> = {
  pagemap: { all: 'Show all', none: 'This machine has no map acceleration. The table holds the same.' },
}

addWords(zh, en)
