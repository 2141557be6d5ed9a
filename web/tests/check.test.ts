// A stored answer that is asked again is asked as it was, not with what another parcel was asked before it.
import { beforeEach, describe, expect, it } from 'vitest'
import type { CheckAnswer } from '../src/api/schema'
import { answer, changeInput, check, checkSite, closeCheck, requestBody } from '../src/state/check'
import { session } from '../src/state/session'

const SQUARE = { type: 'Polygon' as const, coordinates: [[[87.3, 44], [87.31, 44], [87.31, 44.01], [87.3, 44]]] }
const stored = (more: Partial<CheckAnswer> = {}) => ({
  id: '1', checked_at: '2026-11-20T23:30:00Z', as_of: '2026-11-21', action: 'supply', proposed_use: { system: 'MNR-2023', code: '0701' }, current_use: null,
  project: { livestock: true }, purpose: '甲号', parcel: { geometry: SQUARE, parcel_no: null }, ...more,
}) as unknown as CheckAnswer

beforeEach(() => {
  closeCheck()
  Object.assign(check.question, { action: 'transfer', current: { system: 'MNR-2023', code: '1001' }, project: { livestock: false, may_pollute_soil: false }, purpose: '乙号', asOf: '2024-05-06' })
  session.me = { username: 'someone', role: 'clerk', counties: [] }
})

describe('asking again', () => {
  it('takes every input from the stored answer', () => {
    answer.value = stored()
    changeInput()
    expect(requestBody()).toMatchObject({ action: 'supply', project: { livestock: true }, purpose: '甲号' })
    expect(Object.keys(requestBody()!).sort()).toEqual(['action', 'parcel', 'project', 'proposed_use', 'purpose'])
    expect(requestBody()!.project).toEqual({ livestock: true })
  })
  it('keeps a day that somebody chose, and of a check of its own day asks today again', () => {
    answer.value = stored({ as_of: '2025-01-02' })
    changeInput()
    expect(requestBody()!.as_of).toBe('2025-01-02')
  })
  it('begins anew with a site of the registers', () => {
    checkSite(SQUARE, '示例')
    expect(check.step).toBe('preview')
    expect(Object.keys(requestBody()!)).toEqual(['parcel'])
  })
})
