// The answers of a batch, fetched a few at a time in the order of the file.
import { request, type Got } from '../api/client'
import type { CheckAnswer } from '../api/schema'

const AT_ONCE = 6

export async function answersOf(ids: readonly string[], told: (done: number) => void, ask = (id: string) => request<Got<'/checks/{check_id}'>>(`/checks/${id}`)): Promise<CheckAnswer[]> {
  const found: CheckAnswer[] = new Array<CheckAnswer>(ids.length)
  let next = 0
  let done = 0
  async function worker(): Promise<void> {
    while (next < ids.length) {
      const at = next
      next += 1
      found[at] = await ask(ids[at]!)
      done += 1
      told(done)
    }
  }
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, ids.length) }, worker))
  return found
}
