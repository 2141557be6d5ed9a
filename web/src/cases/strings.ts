// Words of use-change cases and of changed verdicts, in both languages.
import { addWords, type Twin } from '../i18n'

export const zh = {
  cases: {
    title: '用途变更', lead: '土地用途变更、收回、转让和规划编制的往来：谁在哪天做了什么，谁看过，结论变没变。', all: '全部', open: '在办', closed: '已办结', flagged: '结论有变', state: '状态', none: '没有这样的事项。', number: '编号', name: '名称', kind: '类型', verdict: '最新核查', date: '日期', openOne: '打开 {number}', more: '更早的', back: '回到清单',
    steps: '办理过程', receipts: '谁看过', receipt: '{by} 于 {at} 看到第 {step} 步', check: '最新核查 {number}', seeCheck: '看核查', act: '办理', act_note: '记一笔', act_acknowledge: '已知悉结论变化', act_handover: '移交', act_receive: '接收', act_decide: '作出决定', act_close: '办结', act_reopen: '重新打开', note: '说明', document: '文号', documentDate: '文件日期', do: '提交', recheck: '重新核查', follow: '关注', unfollow: '取消关注', followers: '关注人：{list}', incomplete: '核查不完整',
    step_open: '发起', step_check: '重新核查', step_changed: '数据变了，结论不同', step_note: '记录', step_acknowledge: '知悉变化', step_handover: '移交', step_receive: '接收', step_decide: '决定', step_close: '办结', step_reopen: '重新打开', noReceipts: '还没有人看过。', mayNot: '你可以看，不能办理。',
  },
  changes: {
    title: '结论变化', lead: '数据更新后自动重查，结论与以前不同的核查。原来的核查和报告都保留。', none: '没有结论发生变化。', parcel: '地块', before: '原结论', after: '现结论', why: '原因', when: '重查时间', failed: '按现在的数据已不能判定：{why}', openOne: '打开 {number}', more: '更早的',
    came: '新增：{what}', went: '移出：{what}', cause_coverage: '{layer}的覆盖情况变了', cause_left_out: '{layer}有待改的行', cause_unlocated: '{layer}没有边界的记录变了', cause_day: '日期到了', cause_rules: '规则更新', cause_catalog: '图层目录更新', cause_boundary: '宗地边界变了', andMore: '等 {n} 项', complete: '完整', incomplete: '不完整',
  },
}

export const en: Twin<typeof zh> = {
  cases: {
    title: 'Use changes', lead: 'Changes of use, take-backs, transfers and plans: who did what on which day, who saw it, and whether the verdict changed.', all: 'All', open: 'Open', closed: 'Closed', flagged: 'Verdict changed', state: 'State', none: 'No such case.', number: 'Number', name: 'Title', kind: 'Kind', verdict: 'Newest check', date: 'Date', openOne: 'Open {number}', more: 'Earlier ones', back: 'Back to the list',
    steps: 'Steps', receipts: 'Who saw it', receipt: '{by} saw step {step} on {at}', check: 'Newest check {number}', seeCheck: 'See the check', act: 'What to do', act_note: 'Add a note', act_acknowledge: 'Take note of the changed verdict', act_handover: 'Hand over', act_receive: 'Receive', act_decide: 'Decide', act_close: 'Close', act_reopen: 'Reopen', note: 'Note', document: 'Document number', documentDate: 'Document date', do: 'Submit', recheck: 'Check anew', follow: 'Follow', unfollow: 'Stop following', followers: 'Followed by {list}', incomplete: 'check incomplete',
    step_open: 'opened', step_check: 'checked anew', step_changed: 'data changed, another verdict', step_note: 'note', step_acknowledge: 'took note', step_handover: 'handed over', step_receive: 'received', step_decide: 'decided', step_close: 'closed', step_reopen: 'reopened', noReceipts: 'Nobody has seen it yet.', mayNot: 'You may look, but not act.',
  },
  changes: {
    title: 'Changed verdicts', lead: 'Checks that came out differently when they were asked again after the data changed. The earlier answers and reports stay.', none: 'No verdict has changed.', parcel: 'Parcel', before: 'Before', after: 'Now', why: 'Why', when: 'Asked again', failed: 'Can no longer be judged: {why}', openOne: 'Open {number}', more: 'Earlier ones',
    came: 'new: {what}', went: 'gone: {what}', cause_coverage: 'coverage of {layer} changed', cause_left_out: 'rows of {layer} wait', cause_unlocated: 'entries without boundary of {layer} changed', cause_day: 'the day came', cause_rules: 'rules changed', cause_catalog: 'layers changed', cause_boundary: 'the parcel’s boundary moved', andMore: 'and others, {n} in all', complete: 'complete', incomplete: 'incomplete',
  },
}

addWords(zh, en)
