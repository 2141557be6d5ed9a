// Words of the overlays, in both languages.
import { addWords, type Twin } from '../i18n'

export const zh = {
  overlay: {
    title: '叠加分析', lead: '把规划范围和各类限制图层叠在一起：每块地只计一次，缺资料的地方不算“未发现限制”。', make: '新建叠加', mine: '已做的叠加', empty: '还没有叠加分析。', number: '编号', name: '名称', area: '范围面积', date: '数据日期', verdict: '最重结论', incomplete: '有资料缺口', whole: '资料齐全', open: '打开 {number}',
    step1: '范围', step2: '和什么叠', step3: '开始', next: '下一步', back: '上一步', stepOf: '第 {n} 步，共 3 步', way_unit: '规划单元', way_supply: '供地计划', way_upload: '上传', way_draw: '画',
    county: '县市', find: '编号或名称', chosen: '已选 {n} 个', none: '这里没有', all: '全选', clear: '清空', file: '范围文件（TXT、SHP、GeoPackage、DXF 等）', drawStart: '开始画', drawAgain: '重画', drawn: '已画好，面积 {area}', mapLabel: '范围',
    restricting: '全部限制图层', some: '{n} 个图层', lacks: '缺：{list}', lacksShort: '缺 {n} 县', old: '旧 {n} 县', layersLead: '有缺口的图层先标出来：缺的地方会得出“无法判定”。',
    givenTitle: '名称', action: '事项', asOf: '按哪天的数据', compare: '对比', compare_no: '不对比', compare_day: '另一天', compare_file: '另一个方案（文件）', compareDay: '对比日期', compareFile: '方案 B 的文件', start: '开始叠加',
    ready_area: '范围', ready_layers: '图层', running: '正在叠加',
    facts: '范围 {area} · {plots} 个地块 · 叠加 {layers} 个图层', factsGaps: '其中 {n} 个未覆盖全部范围', export: '导出', side: '看哪一个', a: '方案 A', b: '方案 B', dayA: '{day}（A）', dayB: '{day}（B）', both: 'A、B 对比', swipe: '卷帘', swipeOff: '关闭卷帘',
    matrix: '规划用途 × 限制', matrixLead: '点任一格，图上只亮这些地块。斜条格是无法判定的面积（缺资料或缺填报），不计入“未发现限制”。按 Esc 取消。', use: '规划用途（MNR-2023）', partition: '按最重结论分摊，横向相加等于合计（hm²）', layers: '按图层，可重叠，不能相加（hm²）', layer: '图层', allUses: '全部用途', total: '合计', noLayers: '叠加的图层都没有压在这里。', clearLayers: '另有 {n} 个图层没有压占。', cell: '{use}，{column}：{area} hm²',
    v_prohibit: '不得办理', v_needs_investigation: '须先调查', v_conditional: '有条件', v_undetermined: '无法判定', v_notice: '有提示', v_clear: '未发现限制',
    unknown_no_data: '缺', unknown_outdated: '旧', unknown_unlocated: '无界', unknown_forbidden: '无权', unknownNote: '{title}：资料不全，0 不代表没有',
    conflicts: '冲突 {n} 处', conflictsGaps: '，另有资料缺失', worst: '重者在前', filtered: '只列所选格：{n} 处', showAll: '看全部', noConflicts: '没有冲突。', plot: '地块 {no}', distance: '相距 {distance}', hidden: '你无权查看的要素', more: '再列 50 处', locate: '在图上看{title}',
    gaps: '缺的资料', gapPlots: '涉及 {n} 个地块', owner: '负责：{owner}', remarks: '其他提示', remarkLine: '{n} 个地块，{area}',
    compareTitle: '方案对比', compareSame: '两边范围相同，合计都是 {area}。', compareDiffers: '两边范围不同：A {a}，B {b}；数字按原样列出，没有换算。', worstVerdict: '最重结论（hm²）', change: '变化', is_better: '好转', is_worse: '变差', is_same: '不变', is_unknown: '乙资料不全，不能比较', byLayerTitle: '图层（hm²）', unrestricted: '未压占（资料齐全）', unknown: '资料不全', conflictsChanged: '变化的冲突', noChange: '没有冲突发生变化。',
    plots: '地块一览', plotNo: '地块', plotUse: '规划用途', plotArea: '面积', onMap: '图上 {map} 个地块＝表中 {rows} 行',
    swipeLeft: '左：{day}', swipeRight: '右：{day}', swipePosition: '卷帘位置', swipeDay: '右边的日期', sideBySide: '并排', overEach: '叠放', swipeMap: '{day} 的地图',
    mapOf: '{title}的地块',
  },
}

export const en: Twin<typeof zh> = {
  overlay: {
    title: 'Overlays', lead: 'Lay restricting layers on a planning area: all ground is counted once, and where data are missing nothing is called unrestricted.', make: 'New overlay', mine: 'Overlays made', empty: 'No overlays yet.', number: 'Number', name: 'Name', area: 'Area', date: 'Data of', verdict: 'Worst verdict', incomplete: 'data gaps', whole: 'no data gaps', open: 'Open {number}',
    step1: 'Area', step2: 'Layers', step3: 'Start', next: 'Next', back: 'Back', stepOf: 'Step {n} of 3', way_unit: 'Plan unit', way_supply: 'Supply plan', way_upload: 'Upload', way_draw: 'Draw',
    county: 'County', find: 'Number or name', chosen: '{n} chosen', none: 'None here', all: 'Choose all', clear: 'Clear', file: 'File with the area (TXT, SHP, GeoPackage, DXF …)', drawStart: 'Start drawing', drawAgain: 'Draw anew', drawn: 'Drawn, {area}', mapLabel: 'Area',
    restricting: 'All restricting layers', some: '{n} layer | {n} layers', lacks: 'Missing: {list}', lacksShort: '{n} missing', old: '{n} outdated', layersLead: 'Layers with gaps are marked first: where they do not reach, nothing can be determined.',
    givenTitle: 'Name', action: 'Matter', asOf: 'Data of which day', compare: 'Compare', compare_no: 'no', compare_day: 'another day', compare_file: 'another variant (file)', compareDay: 'Day to compare with', compareFile: 'File of variant B', start: 'Start the overlay',
    ready_area: 'Area', ready_layers: 'Layers', running: 'Overlaying',
    facts: 'Area {area} · {plots} plots · {layers} layers', factsGaps: '{n} of them do not cover it all', export: 'Export', side: 'Which to show', a: 'Variant A', b: 'Variant B', dayA: '{day} (A)', dayB: '{day} (B)', both: 'A against B', swipe: 'Swipe', swipeOff: 'End swipe',
    matrix: 'Planned use × restrictions', matrixLead: 'Choose a cell and only those plots are lit. Striped cells are ground of which too little is known; it never counts as unrestricted. Esc clears.', use: 'Planned use (MNR-2023)', partition: 'By worst verdict; rows add up to the total (hm²)', layers: 'By layer; may overlap, do not add up (hm²)', layer: 'Layer', allUses: 'All uses', total: 'Total', noLayers: 'None of the layers lies here.', clearLayers: '{n} layer more does not lie here. | {n} layers more do not lie here.', cell: '{use}, {column}: {area} hm²',
    v_prohibit: 'Prohibited', v_needs_investigation: 'Investigate first', v_conditional: 'Conditional', v_undetermined: 'Undetermined', v_notice: 'Notice', v_clear: 'No restriction found',
    unknown_no_data: 'none', unknown_outdated: 'old', unknown_unlocated: 'no edge', unknown_forbidden: 'barred', unknownNote: '{title}: data are incomplete, 0 does not mean none',
    conflicts: '{n} conflict | {n} conflicts', conflictsGaps: ', and data are missing', worst: 'worst first', filtered: 'Of the chosen cell: {n}', showAll: 'Show all', noConflicts: 'No conflicts.', plot: 'Plot {no}', distance: '{distance} away', hidden: 'A feature that you may not see', more: 'List 50 more', locate: 'Show {title} on the map',
    gaps: 'Missing data', gapPlots: '{n} plot | {n} plots', owner: 'Supplied by {owner}', remarks: 'Further remarks', remarkLine: '{n} plots, {area}',
    compareTitle: 'Comparison', compareSame: 'Both sides have the same area, {area}.', compareDiffers: 'The areas differ: A {a}, B {b}; figures stand as they are, nothing is scaled.', worstVerdict: 'Worst verdict (hm²)', change: 'Change', is_better: 'better', is_worse: 'worse', is_same: 'same', is_unknown: 'B is incomplete', byLayerTitle: 'Layer (hm²)', unrestricted: 'Under no layer (data complete)', unknown: 'Data incomplete', conflictsChanged: 'Conflicts that changed', noChange: 'No conflict changed.',
    plots: 'Plots', plotNo: 'Plot', plotUse: 'Planned use', plotArea: 'Area', onMap: '{map} plots on the map = {rows} rows',
    swipeLeft: 'Left: {day}', swipeRight: 'Right: {day}', swipePosition: 'Position of the swipe', swipeDay: 'Day on the right', sideBySide: 'Side by side', overEach: 'On each other', swipeMap: 'Map of {day}',
    mapOf: 'Plots of {title}',
  },
}

addWords(zh, en)
