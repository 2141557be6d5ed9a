// The jobs that have a page of help, and the pages that each works on.
import type { PageName } from '../state/pages'

export const JOBS = ['clerk', 'inspector', 'planner', 'steward', 'auditor'] as const
export type Job = (typeof JOBS)[number]

export const WORKS_ON: Record<Job, PageName[]> = {
  clerk: ['checks', 'rules', 'verify'], inspector: ['field', 'sites'], planner: ['overlays', 'rules'], steward: ['loads', 'changes'], auditor: ['audit', 'verify'],
}

/** The job that is asked for, else one's own; an administrator keeps the data as a steward does. */
export function jobOf(item: string | null, role: string): Job {
  const own = role === 'administrator' ? 'steward' : role
  return JOBS.find((one) => one === item) ?? JOBS.find((one) => one === own) ?? 'clerk'
}
