// Words of the list of checks and of many parcels at once, in both languages.
import { addWords, type Twin } from '../i18n'

export const zh = {
  checks: {
    title: '我的核查', list: '核查', batch: '批量核查', empty: '还没有核查。把红线文件拖到窗口里就能开始。', toMap: '在图上选',
    number: '编号', parcel: '地块', matter: '事项', area: '面积', verdict: '结论', date: '日期', incomplete: '核查不完整（缺 {n} 项）', complete: '应查图层已全部核对',
    changed: '数据已变', changedTo: '现在是：{verdict}', changedFailed: '按现在的数据已不能判定', more: '更早的', filter: '编号、地块或文号', none: '没有符合的核查',
    follows: '自动重查', open: '打开 {number}', shown: '列出 {n} 份',
  },
  batch: {
    title: '批量核查', lead: '一个文件里的每个地块各得一份核查，各有编号。一次最多 1000 个地块。', file: '红线文件', action: '事项', start: '开始批量核查', again: '再核查一个文件',
    result: '核查了 {n} 个地块', refused: '{n} 个地块没有核查', row: '地块', why: '原因', mapLabel: '本批地块', onMap: '图上 {map} 处＝表中 {rows} 条', reading: '正在读取结果 {done} / {total}',
    papers: '出具本批报告', papersWait: '正在出报告', papersZip: '全部报告（ZIP）', papersPdf: '汇总（PDF）', papersXlsx: '汇总表（XLSX）', locate: '在图上看 {name}',
  },
}

export const en: Twin<typeof zh> = {
  checks: {
    title: 'My checks', list: 'Checks', batch: 'Many at once', empty: 'No checks yet. Drop a boundary file on the window to begin.', toMap: 'Choose on the map',
    number: 'Number', parcel: 'Parcel', matter: 'Matter', area: 'Area', verdict: 'Verdict', date: 'Date', incomplete: 'check incomplete ({n} gap) | check incomplete ({n} gaps)', complete: 'all layers checked',
    changed: 'data changed', changedTo: 'now: {verdict}', changedFailed: 'can no longer be judged on present data', more: 'Earlier ones', filter: 'Number, parcel or document', none: 'No check fits',
    follows: 'checked again by itself', open: 'Open {number}', shown: '{n} listed',
  },
  batch: {
    title: 'Check many parcels', lead: 'Each parcel of a file gets a check and a number of its own. At most 1000 parcels at once.', file: 'Boundary file', action: 'Matter', start: 'Check them all', again: 'Check another file',
    result: '{n} parcel checked | {n} parcels checked', refused: '{n} parcel not checked | {n} parcels not checked', row: 'Parcel', why: 'Why', mapLabel: 'Parcels of this file', onMap: '{map} on the map = {rows} in the table', reading: 'Reading results {done} / {total}',
    papers: 'Make the reports', papersWait: 'Making the reports', papersZip: 'All reports (ZIP)', papersPdf: 'Summary (PDF)', papersXlsx: 'Workbook (XLSX)', locate: 'Show {name} on the map',
  },
}

addWords(zh, en)
