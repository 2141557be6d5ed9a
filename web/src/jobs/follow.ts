// A job of the server from its start to its end, told as it goes on; one that is left alone goes on all the same.
import { onBeforeUnmount, shallowRef, type ShallowRef } from 'vue'
import { ApiFailure, post, request } from '../api/client'
import type { JobAnswer } from '../api/schema'

/** A job with the result that jobs of its kind have. */
export type Job<R = JobAnswer['result']> = Pick<JobAnswer, 'id' | 'title' | 'state' | 'stage' | 'done' | 'total' | 'failure'> & { result: R | null }

/** What is known of a job before its first word. */
const BEGUN = { title: '', state: 'queued', stage: '', done: 0, total: null, result: null, failure: null } as const
const AGAIN_MS = 2000
export const ended = (job: Job): boolean => ['done', 'failed', 'cancelled'].includes(job.state)

export interface Followed<R> {
  job: ShallowRef<Job<R> | null>
  follow(id: string): void
  cancel(): Promise<void>
  stop(): void
}

/** Listens to a job's events; where the line breaks, the browser asks again, and where it may not, the state is asked for. */
export function useJob<R>(whenDone: (job: Job<R>) => void = () => {}): Followed<R> {
  const job = shallowRef<Job<R> | null>(null)
  let source: EventSource | null = null
  let timer = 0

  function stop(): void {
    source?.close()
    source = null
    window.clearTimeout(timer)
  }
  function take(told: Job<R>): void {
    job.value = told
    if (!ended(told as Job)) return
    stop()
    if (told.state === 'done') whenDone(told)
  }
  async function ask(id: string): Promise<void> {
    try {
      take(await request<Job<R>>(`/jobs/${id}`))
    } catch (failure) {
      if (!(failure instanceof ApiFailure) || failure.kind === 'missing') throw failure
    }
    if (job.value && !ended(job.value as Job)) timer = window.setTimeout(() => void ask(id), AGAIN_MS)
  }
  function follow(id: string): void {
    stop()
    job.value = { ...BEGUN, id }
    source = new EventSource(`/jobs/${id}/events`)
    source.addEventListener('progress', (event) => take(JSON.parse((event as MessageEvent<string>).data) as Job<R>))
    // What came of it is asked for: a stream speaks the browser's language, not the page's.
    for (const end of ['done', 'failed', 'cancelled']) source.addEventListener(end, () => { stop(); void ask(id) })
    source.addEventListener('error', () => { if (source?.readyState === EventSource.CLOSED) { stop(); void ask(id) } })
  }
  async function cancel(): Promise<void> {
    if (job.value) await post(`/jobs/${job.value.id}/cancel`, {})
  }
  onBeforeUnmount(stop)
  return { job, follow, cancel, stop }
}
