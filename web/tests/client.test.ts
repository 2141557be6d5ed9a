// @vitest-environment node
// What a weak line does to an answer, against a real server that breaks off, waits, or speaks for another.
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { ApiFailure, fetched, request } from '../src/api/client'

let server: Server
let url = ''
beforeAll(async () => {
  server = createServer((asked, answer) => {
    if (asked.url === '/never') return
    if (asked.url === '/page') { answer.writeHead(200, { 'Content-Type': 'text/html' }).end('<p>请先登录本网络</p>'); return }
    if (asked.url === '/whole') { answer.writeHead(200, { 'Content-Type': 'application/json' }).end('{"a": 1}'); return }
    answer.writeHead(asked.url === '/refused' ? 409 : 200, { 'Content-Type': 'application/json', 'Content-Length': 100 })
    answer.write('{"a": 1, "b":')
    if (asked.url !== '/slow') setTimeout(() => answer.destroy(), 20)
  })
  await new Promise<void>((done) => { server.listen(0, '127.0.0.1', done) })
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => { server.closeAllConnections(); server.close() })

async function failureOf(work: Promise<unknown>): Promise<ApiFailure> {
  const failure: unknown = await work.then(() => null, (caught: unknown) => caught)
  expect(failure).toBeInstanceOf(ApiFailure)
  return failure as ApiFailure
}

describe('an answer over a weak line', () => {
  it('that is cut short, or is somebody else’s page, counts as a lost line', async () => {
    expect(await request(`${url}/whole`)).toEqual({ a: 1 })
    expect((await failureOf(request(`${url}/cut`))).kind).toBe('offline')
    expect((await failureOf(request(`${url}/page`))).kind).toBe('offline')
  })
  it('that refuses is a refusal though its words are cut short', async () => {
    const { kind, problem } = await failureOf(request(`${url}/refused`))
    expect([kind, problem.status]).toEqual(['refused', 409])
  })
  it('that never comes, or never ends, is not waited for, whoever asks', async () => {
    const timeout = AbortSignal.timeout.bind(AbortSignal)
    const limits: number[] = []
    const clock = vi.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => { limits.push(ms); return timeout(80) })
    const form = new FormData()
    form.append('file', new Blob(['x']), 'x.jpg')
    for (const path of ['/never', '/slow']) expect((await failureOf(request(url + path))).kind).toBe('offline')
    expect((await failureOf(request(`${url}/never`, { signal: new AbortController().signal }))).kind).toBe('offline')
    vi.stubGlobal('document', { cookie: '' })
    expect((await failureOf(request(`${url}/never`, { method: 'POST', body: form }))).kind).toBe('offline')
    expect(limits).toEqual([120_000, 120_000, 120_000, 600_000])
    clock.mockRestore()
    vi.unstubAllGlobals()
    expect((await failureOf(fetched(`${url}/never`, timeout(80)))).kind).toBe('offline')
  })
  it('that was called off is no failure of the line', async () => {
    const own = new AbortController()
    const asked = request(`${url}/never`, { signal: own.signal })
    own.abort()
    await expect(asked).rejects.toMatchObject({ name: 'AbortError' })
  })
})
