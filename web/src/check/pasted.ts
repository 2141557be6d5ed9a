// What people paste: a whole boundary-point TXT, bare points of one parcel, or longitudes and latitudes.
import type { Polygon, Position } from 'geojson'
import { zoneOfEasting } from '../format/gauss'
import { crossing } from '../format/geometry'

export type Pasted =
  | { kind: 'text'; text: string } // for the server to read
  | { kind: 'shape'; shape: Polygon } // longitude, latitude: nothing to convert
  | { kind: 'fault'; row: number; code: 'columns' | 'order' | 'mixed' | 'few' | 'crossing' }

const isWhole = (text: string) => /\[[^\]]+\]/.test(text) || /@\s*$/m.test(text)
const isDegrees = ([x, y]: number[]) => x! >= 73 && x! <= 136 && y! >= 3 && y! <= 54
const isReversed = ([y, x]: number[]) => isDegrees([x!, y!])

interface Row { row: number; name: string; ring: string; numbers: [string, string] }

function rowsOf(text: string): Row[] | { row: number } {
  const rows: Row[] = []
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    const plain = line.replaceAll('，', ',').trim()
    if (!plain) continue
    const parts = plain.split(/[\s,;\t]+/).filter(Boolean)
    const [a = '', b = ''] = parts.slice(-2)
    if (parts.length < 2 || parts.length > 4 || !/^-?[\d.]+$/.test(a) || !/^-?[\d.]+$/.test(b)) return { row: i + 1 }
    const name = parts.length > 2 ? parts[0]! : `J${rows.length + 1}`
    const ring = parts.length === 4 ? parts[1]! : '1'
    if (!/^\d+$/.test(ring)) return { row: i + 1 }
    rows.push({ row: i + 1, name, ring, numbers: [a, b] })
  }
  return rows
}

/** Nothing is guessed: what could be meant in two ways is given back as a fault, or left to the server to refuse. */
export function understandPaste(text: string): Pasted {
  if (isWhole(text)) return { kind: 'text', text }
  const rows = rowsOf(text)
  if (!Array.isArray(rows)) return { kind: 'fault', row: rows.row, code: 'columns' }
  if (rows.length < 3) return { kind: 'fault', row: rows.length, code: 'few' }
  const pairs = rows.map(({ numbers }) => numbers.map(Number))
  const reversed = pairs.findIndex(isReversed)
  if (reversed >= 0) return { kind: 'fault', row: rows[reversed]!.row, code: 'order' }
  const degrees = pairs.filter(isDegrees).length
  if (degrees === pairs.length) {
    const rings = [...new Set(rows.map(({ ring }) => ring))].map((ring) => pairs.filter((_, i) => rows[i]!.ring === ring))
    const short = rings.find((ring) => ring.length < 3)
    if (short) return { kind: 'fault', row: rows[pairs.indexOf(short.at(-1)!)]!.row, code: 'few' }
    for (const ring of rings) {
      const at = crossing(closed(ring).slice(0, -1))
      if (at >= 0) return { kind: 'fault', row: rows[pairs.indexOf(ring[at]!)]!.row, code: 'crossing' }
    }
    return { kind: 'shape', shape: { type: 'Polygon', coordinates: rings.map(closed) } }
  }
  if (degrees > 0) return { kind: 'fault', row: rows[pairs.findIndex((p) => !isDegrees(p))]!.row, code: 'mixed' }
  return { kind: 'text', text: boundaryText(rows) }
}

function closed(pairs: Position[]): Position[] {
  const [first, last] = [pairs[0]!, pairs.at(-1)!]
  const same = first[0] === last[0] && first[1] === last[1]
  return same ? pairs : [...pairs, first]
}

/** Bare points as one plot of the surveying format; the zone stands in the eight-digit Y, else it stays open. */
function boundaryText(rows: Row[]): string {
  const told = zoneOfEasting(Number(rows[0]!.numbers[1]))
  const zone = told ? [`带号=${told.number}`] : []
  return [
    '[属性描述]', '坐标系=2000国家大地坐标系', `几度分带=${told?.width ?? 3}`, '投影类型=高斯克吕格', '计量单位=米', ...zone, '[地块坐标]',
    `${rows.length},,1,粘贴的坐标,面,,,,@`,
    ...rows.map(({ name, ring, numbers }) => [name, ring, ...numbers].join(',')),
  ].join('\n')
}
