// Words of the page that proves a paper, in both languages.
import { addWords, type Twin } from '../i18n'

export const zh = {
  verify: {
    title: '验真', lead: '核对一份核查报告或叠加成果的编号和指纹。这里不显示报告内容。', number: '编号', fingerprint: '指纹（报告每页页脚）', ask: '核对', unchanged: '编号存在，内容未改动。', changed: '编号存在，但文件内容与存档不一致。', noPrint: '编号存在。填写指纹可核对内容是否改动。', missing: '没有这个编号。', on: '出具日期 {day}',
  },
}

export const en: Twin<typeof zh> = {
  verify: {
    title: 'Verify', lead: 'Proves the number and fingerprint of a report or an overlay. Nothing of its content is shown.', number: 'Number', fingerprint: 'Fingerprint (at the foot of each page)', ask: 'Verify', unchanged: 'The number exists and the content is unchanged.', changed: 'The number exists, but the content differs from what is stored.', noPrint: 'The number exists. Give the fingerprint to prove the content.', missing: 'There is no such number.', on: 'given out on {day}',
  },
}

addWords(zh, en)
