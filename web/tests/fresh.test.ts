// What is news to an open page: also that which went live while it did not listen.
import { describe, expect, it } from 'vitest'
import { newsOf } from '../src/state/fresh'

const told = (revision: number) => ({ revision, kind: 'publish', at: '2026-11-23T10:14:00+08:00', release: '2026Q4', layers: ['well'] })

describe('a revision that is told', () => {
  it('renews its layers where it is the next', () => {
    expect(newsOf(told(8), 7)).toEqual(told(8))
  })
  it('renews every layer where others were missed', () => {
    expect(newsOf(told(9), 7)).toEqual({ ...told(9), layers: null })
  })
  it('is no news where the page holds it', () => {
    expect([newsOf(told(7), 7), newsOf(told(6), 7), newsOf(told(7), null)]).toEqual([null, null, null])
  })
})
