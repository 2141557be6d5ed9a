// Words of the audit trail, in both languages.
import { addWords, type Twin } from '../i18n'

export const zh = {
  audit: {
    title: '审计', lead: '谁问了、看了、导出了、改了什么。每条都连着上一条的指纹；整条链用 jingtu audit verify 校验。', user: '账号', action: '动作', object: '对象', find: '查询', number: '序号', at: '时间', role: '岗位', counties: '县市', detail: '内容', digest: '指纹', none: '没有符合的记录。', more: '更早的', listed: '列出 {n} 条',
  },
}

export const en: Twin<typeof zh> = {
  audit: {
    title: 'Audit', lead: 'Who asked, saw, took out or changed what. Each entry holds the fingerprint of the one before; jingtu audit verify proves the whole chain.', user: 'Account', action: 'Action', object: 'Object', find: 'Search', number: 'No.', at: 'When', role: 'Role', counties: 'Counties', detail: 'Detail', digest: 'Fingerprint', none: 'No entry fits.', more: 'Earlier ones', listed: '{n} listed',
  },
}

addWords(zh, en)
