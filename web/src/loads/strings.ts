// Words of deliveries and releases, in both languages.
import { addWords, type Twin } from '../i18n'

export const zh = {
  load: {
    title: '数据', loads: '送交', releases: '批次', lead: '上传只是试读；发布之前，谁看到的地图都不变。', new: '上传资料', file: '文件（Shapefile 的各部分可一起选）', layer: '图层', county: '县市', whole: '全部县市（整个地区）', dataDate: '数据日期', dataDateHint: '不填则取文件里写的', release: '批次', releaseHint: '不填则放进最新的草稿批次', crs: '坐标系', crsHint: '文件没写时填，如 EPSG:4527', sourceLayer: '文件里的图层', sourceLayerHint: '文件有几个图层或工作表时填', encoding: '文字编码', encodingHint: '读出乱码时填',
    try: '试读', commit: '入库（待发布）', trying: '试读 {name}', committing: '入库 {name}', chooseLayer: '请选图层', again: '换一个文件', mayNot: '你只能查看；上传和发布由数据管理员办理。',
    outcome_accepted: '可以入库', outcome_repaired: '可以入库，有些已自动改正', outcome_quarantined: '部分行待改', outcome_refused: '不能入库', nothingStored: '没有任何内容入库。', stored: '已入库到批次“{release}”，还没有发布。',
    rows: '读 {read} 行＝可入 {loaded}＋待改 {quarantined}＋退回 {refused}；其中自动改正 {repaired}。', issues: '问题 {n} 处', issuesAll: '，列出前 {n} 处', noIssues: '没有发现问题。', place: '位置', fact: '问题', todo: '怎么改', row: '第 {row} 行', onMap: '图上 {map} 处，没有位置的 {rest} 处只在表里', mapLabel: '问题位置', locate: '在图上看第 {n} 处', keys: '按 n / p 逐条看', error: '错误', warning: '提醒', notice: '说明', csv: '错误清单（CSV）', xlsx: '错误清单（XLSX）',
    comparison: '和现在的数据比', compare: '新增 {added} · 变更 {changed} · 移出 {removed} · 未变 {unchanged}', compareArea: '{county}：新增 {added} · 变更 {changed} · 移出 {removed}', gained: '+{area}', lost: '−{area}',
    list: '送交记录', empty: '还没有送交。', when: '时间', by: '送交人', state: '状态', count: '行数', loadOf: '送交 {n}', back: '回到清单',
    state_running: '装入中', state_live: '已发布', state_withdrawn: '已撤回', state_replaced: '已被替换', state_staged: '待发布', rel_draft: '草稿', rel_published: '已发布', rel_withdrawn: '已撤回',
    noReleases: '还没有批次。', changes: '比较', publish: '发布', unpublish: '撤回发布', published: '{day} 发布', created: '{day} 建立', deliveries: '{n} 次送交',
    publishTitle: '发布批次“{name}”', unpublishTitle: '撤回批次“{name}”', publishSees: '发布后，所有人看到的会这样变：', unpublishSees: '撤回后，以前的数据重新生效；这批带来的变化全部退回：', rechecks: '受影响的既往核查会自动重查，结论变了的会列在“结论变化”里，并通知办件人。', cancel: '返回', confirmPublish: '发布', confirmUnpublish: '撤回', sum: '{layer}：新增 {added} · 变更 {changed} · 移出 {removed}', nothing: '没有变化。', reading: '正在比较…',
    doneTitle: '已发布，地图已是新数据（第 {revision} 版）。', undoneTitle: '已撤回，地图已回到以前的数据（第 {revision} 版）。', seeMap: '看地图', waiting: '待改的行', waitingWhy: '原因', toReleases: '去批次发布',
  },
}

export const en: Twin<typeof zh> = {
  load: {
    title: 'Data', loads: 'Deliveries', releases: 'Releases', lead: 'An upload is only tried; until a release is published nobody sees a different map.', new: 'Upload data', file: 'Files (choose the parts of a Shapefile together)', layer: 'Layer', county: 'County', whole: 'All counties (the whole region)', dataDate: 'Data date', dataDateHint: 'what the file says if left empty', release: 'Release', releaseHint: 'the newest draft if left empty', crs: 'Reference system', crsHint: 'where the file names none, e.g. EPSG:4527', sourceLayer: 'Layer in the file', sourceLayerHint: 'where the file has several layers or sheets', encoding: 'Text encoding', encodingHint: 'where letters come out wrong',
    try: 'Try it', commit: 'Store it (to be published)', trying: 'Trying {name}', committing: 'Storing {name}', chooseLayer: 'Choose a layer', again: 'Another file', mayNot: 'You may look; uploading and publishing is for data stewards.',
    outcome_accepted: 'Fit to be stored', outcome_repaired: 'Fit to be stored, some mended by itself', outcome_quarantined: 'Some rows wait to be mended', outcome_refused: 'Cannot be stored', nothingStored: 'Nothing was stored.', stored: 'Stored in release “{release}”, not published yet.',
    rows: '{read} rows read = {loaded} fit + {quarantined} waiting + {refused} refused; {repaired} of them mended.', issues: '{n} issue | {n} issues', issuesAll: ', the first {n} listed', noIssues: 'No issues found.', place: 'Where', fact: 'What', todo: 'What to do', row: 'Row {row}', onMap: '{map} on the map; {rest} without a place stand in the table alone', mapLabel: 'Places of the issues', locate: 'Show issue {n} on the map', keys: 'n / p walk through them', error: 'error', warning: 'reminder', notice: 'remark', csv: 'Fault list (CSV)', xlsx: 'Fault list (XLSX)',
    comparison: 'Against the present data', compare: '{added} added · {changed} changed · {removed} removed · {unchanged} unchanged', compareArea: '{county}: {added} added · {changed} changed · {removed} removed', gained: '+{area}', lost: '−{area}',
    list: 'Deliveries', empty: 'No deliveries yet.', when: 'When', by: 'By', state: 'State', count: 'Rows', loadOf: 'Delivery {n}', back: 'Back to the list',
    state_running: 'loading', state_live: 'published', state_withdrawn: 'taken back', state_replaced: 'replaced', state_staged: 'not published', rel_draft: 'draft', rel_published: 'published', rel_withdrawn: 'taken back',
    noReleases: 'No releases yet.', changes: 'Compare', publish: 'Publish', unpublish: 'Take back', published: 'published {day}', created: 'made {day}', deliveries: '{n} delivery | {n} deliveries',
    publishTitle: 'Publish release “{name}”', unpublishTitle: 'Take back release “{name}”', publishSees: 'Once published, everybody sees this change:', unpublishSees: 'Once taken back, the earlier data hold again and these changes are undone:', rechecks: 'Earlier checks that are touched are asked again by themselves; those that come out differently are listed under “Changed verdicts” and their people are told.', cancel: 'Back', confirmPublish: 'Publish', confirmUnpublish: 'Take back', sum: '{layer}: {added} added · {changed} changed · {removed} removed', nothing: 'No change.', reading: 'Comparing…',
    doneTitle: 'Published; the map shows the new data (revision {revision}).', undoneTitle: 'Taken back; the map shows the earlier data (revision {revision}).', seeMap: 'See the map', waiting: 'Rows that wait', waitingWhy: 'Why', toReleases: 'To the releases',
  },
}

addWords(zh, en)
