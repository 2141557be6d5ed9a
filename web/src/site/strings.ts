// Words of the register, in both languages.
import { addWords, type Twin } from '../i18n'

export const zh = {
  sites: {
    title: '名录', lead: '某一天谁在哪个名录上。点名称看地块卡片；移出的地块不再列出，它的记录仍在卡片里。', list: '名录', day: '按哪天看', find: '名称或编码', export: '导出（XLSX）',
    count: '{day} 在册 {n} 个', reading: '正在读取名录…', empty: '这一天名录上没有地块。', noLists: '没有你能看的名录。', open: '打开{name}的地块卡片', name: '名称', county: '县市', code: '编码', since: '列入日期', document: '文件', more: '再列 100 个',
  },
}

export const en: Twin<typeof zh> = {
  sites: {
    title: 'Registers', lead: 'Who stands on which list on a day. A name opens the card of its site; a site that was removed is not listed, its records stay on the card.', list: 'List', day: 'As of', find: 'Name or code', export: 'Export (XLSX)',
    count: '{n} listed on {day}', reading: 'Reading the list…', empty: 'No site stands on this list on that day.', noLists: 'There is no list that you may see.', open: 'Open the card of {name}', name: 'Name', county: 'County', code: 'Code', since: 'Listed since', document: 'Document', more: '100 more',
  },
}

addWords(zh, en)
