// Words of the help, one page a job, in both languages.
import { addWords, type Twin } from '../i18n'

export const zh = {
  help: {
    title: '帮助', lead: '一个岗位一页，只写要做的事。', jobs: '岗位', job_clerk: '国土窗口', job_inspector: '巡查', job_planner: '规划', job_steward: '数据管理', job_auditor: '审计', steps: '怎么做', mind: '要记住', open: '打开“{page}”', keys: '不用鼠标也能做完：c 开始核查，/ 搜索，F6 换区域，? 列出全部按键。',
    clerk: {
      what: '一块地能不能办这件事；还缺什么资料，谁来补。',
      step1: '在地图上给出地块：“核查地块”点一个宗地，或者“画”“上传”“贴坐标”。文件拖进窗口也行，只读取，不入库。',
      step2: '核对读到的坐标系、地块数和面积，对了按“就是这里”。',
      step3: '选事项、现状用途和拟用途，按“开始核查”。空着的，相关规定无法判定。',
      step4: '先看结论牌上的两句话：结论是什么，资料查全没有。再看查到的问题和缺的资料。',
      step5: '出具核查报告。编号和指纹已存，任何人都能在“验真”页核对。',
      step6: '以前的核查在“我的核查”里；数据变了会标出来。一个文件里有许多地块时用“批量核查”。',
      mind1: '灰色斜条表示没有资料，不表示没有限制。', mind2: '核查不完整的结果不能作为办理依据；用“催办”请负责部门补资料。',
    },
    inspector: {
      what: '去看一块地：先看哪一块，看什么，没有信号时也能记。',
      step1: '出发前在“巡查”里准备离线包：把地图移到要去的地方，下载。',
      step2: '到了现场按“定位”，看离得最近的地块和到边界的距离。',
      step3: '打开抽中你的检查，逐项填检查单；有问题的写明是什么问题，可以拍照。',
      step4: '按“存下”。记录先存在手机里，联网后自动发送，只发一次。',
      step5: '同一项有他人先提交时，两条都保留，写明差别再发送。',
      mind1: '定位误差大时，不能判断是否在地块内。', mind2: '离线时看得到图和名录，不能核查。',
    },
    planner: {
      what: '一片规划范围里，哪些用途碰到哪些限制，各有多少面积。',
      step1: '在“叠加分析”里新建：选规划单元、供地计划，或画、上传范围。',
      step2: '选和什么叠。缺资料的图层在选之前就标着。',
      step3: '需要时再选一天或另一个范围作对比，按“开始叠加”。',
      step4: '看两块表：左边按结论分，面积相加等于总面积；右边按图层分，可以重叠，不能相加。',
      step5: '点一个数，地图和冲突清单只留它；按 Esc 取消。',
      step6: '导出工作簿、图形或 QGIS 工程样式。',
      mind1: '有图层没有覆盖到的部分算“无法判定”，不会算成“未发现限制”。', mind2: '结果随数据的日期而定，导出的文件里写着日期。',
    },
    steward: {
      what: '把各部门送来的资料查对、入库、发布；出了错能撤回。',
      step1: '在“数据”里上传文件，选图层、县市和数据日期，先“试读”。',
      step2: '按 n / p 逐条看问题；错误清单可以下载，发回给送交的部门。',
      step3: '可以入库时入库到一个批次。发布之前，谁看到的地图都不变。',
      step4: '在批次里“比较”，看新增、变更和移出各多少。',
      step5: '“发布”。受影响的既往核查会自动重查，结论变了的列在“结论变化”里。',
      step6: '发布错了就“撤回发布”，以前的数据重新生效。',
      mind1: '一次送交就是这个县这个图层的全部；没有送来的记录算移出。', mind2: '一个县确实没有这类地块时，要请负责部门确认为空，空白不会自己变成“没有”。',
    },
    auditor: {
      what: '谁问了、看了、导出了、改了什么；记录有没有被动过。',
      step1: '打开“审计”，先看校验的结果：每条都连着上一条的指纹。',
      step2: '按账号、动作、对象和日期筛选，逐条看。',
      step3: '对一次核查有疑问时，打开它的编号，看当时的数据与规则版本。',
      step4: '拿到纸面报告时，在“验真”页用编号和指纹核对。',
      mind1: '记录只能添加，不能修改或删除；校验不对时请封存数据库。', mind2: '审计只能查看，不能改任何资料。',
    },
  },
}

export const en: Twin<typeof zh> = {
  help: {
    title: 'Help', lead: 'One page a job, and only what there is to do.', jobs: 'Jobs', job_clerk: 'Land office', job_inspector: 'Inspector', job_planner: 'Planner', job_steward: 'Data steward', job_auditor: 'Auditor', steps: 'How to', mind: 'Keep in mind', open: 'Open “{page}”', keys: 'All of it works without a mouse: c begins a check, / searches, F6 changes the region, ? lists every key.',
    clerk: {
      what: 'May this be done on this parcel; what data are missing, and who supplies them.',
      step1: 'Give the parcel on the map: “Check a parcel” takes a cadastral parcel, or draw, upload or paste coordinates. A file may be dropped on the window; it is read, not stored.',
      step2: 'Compare reference system, number of parcels and area, then confirm the place.',
      step3: 'Choose the matter, present and proposed use, and start the check. What stays empty leaves its rules undetermined.',
      step4: 'Read both sentences of the plate first: the verdict, and whether all data were there. Then the findings and the gaps.',
      step5: 'Take the report. Number and fingerprint are kept; anybody can prove them on the page “Verify”.',
      step6: 'Earlier checks are under “My checks”; those whose data changed are marked. A file of many parcels goes into a batch check.',
      mind1: 'Grey stripes mean that there are no data, not that there are no restrictions.', mind2: 'An incomplete result is no basis for a decision; remind those who owe the data.',
    },
    inspector: {
      what: 'Go and see a site: which first, what to look at, and how to record it without a signal.',
      step1: 'Before you leave prepare a package under “Field work”: move the map to where you go, and download.',
      step2: 'On the spot press “Locate me”: the nearest sites and the distance to their boundaries.',
      step3: 'Open an inspection that you were drawn for and fill the check-list; write what is not in order, take photos.',
      step4: 'Press “Keep”. The record stays on the phone and is sent by itself once there is a line, and only once.',
      step5: 'Where somebody sent the same before you, both are kept: say what differs and send.',
      mind1: 'A vague position cannot tell whether you stand within a site.', mind2: 'Offline you see map and registers, but cannot check parcels.',
    },
    planner: {
      what: 'Within an area of a plan: which uses meet which restrictions, and how large each is.',
      step1: 'Begin a new one under “Overlays”: choose plan units or a supply plan, or draw or upload an area.',
      step2: 'Choose the layers. Those with gaps are marked before you choose.',
      step3: 'Add another day or another area to compare with if you need it, and start.',
      step4: 'Read the two tables: the left one divides the area by verdict and adds up to it; the right one lists layers, which may overlap and do not add up.',
      step5: 'Press a number: map and conflicts show it alone; Esc clears.',
      step6: 'Export as a workbook, shapes or styles for QGIS.',
      mind1: 'Ground that a layer does not cover is undetermined, never free of restrictions.', mind2: 'A result holds for the date of its data, which stands in every exported file.',
    },
    steward: {
      what: 'Examine, store and publish what the departments deliver; take it back where it was wrong.',
      step1: 'Upload the files under “Data”, choose layer, county and date, and try them first.',
      step2: 'n / p walk through the issues; the fault list can be downloaded and sent back to those who delivered.',
      step3: 'Store what is fit into a release. Until it is published nobody sees a different map.',
      step4: 'Compare the release: how much is added, changed and removed.',
      step5: 'Publish. Earlier checks that are touched are asked again by themselves; changed answers stand under “Changed verdicts”.',
      step6: 'Take back what should not have been published: the earlier data hold again.',
      mind1: 'A delivery is the whole of the layer in its county: what is not in it is removed.', mind2: 'Where a county has none of these, its department must confirm it: a blank never turns into “none” by itself.',
    },
    auditor: {
      what: 'Who asked, saw, took out or changed what; and whether the record was touched.',
      step1: 'Open “Audit” and read the proof first: every entry holds the fingerprint of the one before.',
      step2: 'Filter by account, action, object and date.',
      step3: 'Where a check is in doubt open its number: it names the data and the rules of its time.',
      step4: 'Prove a paper on the page “Verify” by its number and fingerprint.',
      mind1: 'Entries are only ever added; where the proof fails, seal the database.', mind2: 'Auditors look; they change nothing.',
    },
  },
}

addWords(zh, en)
