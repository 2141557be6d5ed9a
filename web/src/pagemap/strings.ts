// Words of the map of a page, in both languages.
import { addWords, type Twin } from '../i18n'

export const zh = {
  pagemap: { all: '看全部', none: '本机不支持地图加速。表格里是同一份内容。', unread: '有图层没有读全：图上空白不等于没有。' },
}

export const en: Twin<typeof zh> = {
  pagemap: { all: 'Show all', none: 'This machine has no map acceleration. The table holds the same.', unread: 'Some layers could not all be read: a blank map does not mean nothing is there.' },
}

addWords(zh, en)
