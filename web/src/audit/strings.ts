// Words of the audit trail, in both languages.
import { addWords, type Twin } from '../i18n'

export const zh = {
  audit: {
    title: '审计', proving: '正在校验…', whole: '校验通过：至第 {n} 条', broken: '校验不通过：{n} 处被改动、删除或添入。请封存数据库，报告审计人员。', prove: '再校验', anyAction: '全部动作', fault_altered: '第 {number} 条被改动', fault_missing: '第 {number} 条缺失', fault_forged: '第 {number} 条是添入的', fault_head: '链尾与记下的不符（第 {number} 条）', lead: '谁问了、看了、导出了、改了什么。每条都连着上一条的指纹；命令行 jingtu audit verify 校验的是同一条链。', user: '账号', action: '动作', object: '对象', find: '查询', number: '序号', at: '时间', role: '岗位', counties: '县市', detail: '内容', digest: '指纹', none: '没有符合的记录。', more: '更早的', listed: '列出 {n} 条',
  },
  audited: {
    check: '核查', batch: '批量核查', overlay: '叠加分析', report: '导出核查结果', load: '装入', publish: '发布', unpublish: '撤回', confirm: '确认为空', event: '名录变动', case: '办理用途变更事项', manifest: '污染土壤转运联单', inspection: '抽查', attachment: '附件', view: '查看受限资料', export: '导出清单或图层', override: '登记书面决定', dispute: '登记异议', withdraw: '撤销登记', sign_in: '登录', sign_in_refused: '登录被拒', account: '账号变动', token: '发放令牌',
  },
}

export const en: Twin<typeof zh> = {
  audit: {
    title: 'Audit', proving: 'Proving the chain…', whole: 'Proved: whole up to entry {n}', broken: 'Not proved: {n} entry was altered, deleted or put in. Seal the database and tell the auditors. | Not proved: {n} entries were altered, deleted or put in. Seal the database and tell the auditors.', prove: 'Prove again', anyAction: 'All actions', fault_altered: 'Entry {number} was altered', fault_missing: 'Entry {number} is missing', fault_forged: 'Entry {number} was put in', fault_head: 'The end is not the one that was noted (entry {number})', lead: 'Who asked, saw, took out or changed what. Each entry holds the fingerprint of the one before; jingtu audit verify proves the same chain.', user: 'Account', action: 'Action', object: 'Object', find: 'Search', number: 'No.', at: 'When', role: 'Role', counties: 'Counties', detail: 'Detail', digest: 'Fingerprint', none: 'No entry fits.', more: 'Earlier ones', listed: '{n} listed',
  },
  audited: {
    check: 'check', batch: 'batch check', overlay: 'overlay', report: 'report taken', load: 'delivery loaded', publish: 'published', unpublish: 'taken back', confirm: 'confirmed as empty', event: 'register changed', case: 'use-change case', manifest: 'soil manifest', inspection: 'inspection', attachment: 'attachment', view: 'restricted data seen', export: 'list or layer taken out', override: 'written decision recorded', dispute: 'dispute recorded', withdraw: 'record withdrawn', sign_in: 'signed in', sign_in_refused: 'sign-in refused', account: 'account changed', token: 'token issued',
  },
}

addWords(zh, en)
