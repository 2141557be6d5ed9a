// Words of jobs, in both languages.
import { addWords, type Twin } from '../i18n'

export const zh = {
  job: {
    queued: '排队中…', running: '正在进行…', progress: '{stage}{done} / {total}', cancel: '取消', cancelled: '已取消，没有留下任何结果。',
    failed: '没有完成，什么都没有改。', leave: '可以离开这一页，任务会继续。',
    stage: {
      reading: '读取文件 ', rows: '读取 ', images: '读取影像 ', comparing: '比较 ', writing: '写入 ', checking: '核查 ', laying: '叠加 ', judging: '判定 ', adding: '分摊 ', storing: '保存 ', setting: '出报告 ',
    },
  },
}

export const en: Twin<typeof zh> = {
  job: {
    queued: 'Waiting…', running: 'Working…', progress: '{stage}{done} / {total}', cancel: 'Cancel', cancelled: 'Cancelled; nothing is left of it.',
    failed: 'Not completed; nothing was changed.', leave: 'You may leave this page; the job goes on.',
    stage: {
      reading: 'reading the file ', rows: 'reading ', images: 'reading images ', comparing: 'comparing ', writing: 'writing ', checking: 'checking ', laying: 'laying ', judging: 'judging ', adding: 'dividing ', storing: 'storing ', setting: 'reports ',
    },
  },
}

addWords(zh, en)
