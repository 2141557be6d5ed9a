// The first-use tour: four steps beside what they speak of, skipped at any time, shown once on a machine.
import { ref } from 'vue'

const REMEMBERED = 'jingtu.tour'
export const STEPS = [
  { title: 'tour.legend', text: 'tour.legendText', beside: 'aside.tree .list [data-layer], .rail button, .bar .layers' },
  { title: 'tour.check', text: 'tour.checkText', beside: '.bar .ways' },
  { title: 'tour.gap', text: 'tour.gapText', beside: 'aside.tree .means, .rail button, .bar .layers' },
  { title: 'tour.table', text: 'tour.tableText', beside: 'section.dock, aside.tree .list .more, .rail button, .bar .layers' },
] as const

export const step = ref(localStorage.getItem(REMEMBERED) ? -1 : 0)

export function endTour(): void {
  step.value = -1
  localStorage.setItem(REMEMBERED, 'done')
}
export function nextStep(): void {
  if (step.value + 1 >= STEPS.length) endTour()
  else step.value += 1
}
export function restartTour(): void {
  step.value = 0
}
