// Bytes as people read them.
import { number } from '../format/numbers'

export function size(bytes: number): string {
  if (bytes >= 2 ** 30) return `${number(bytes / 2 ** 30, 1)} GB`
  if (bytes >= 2 ** 20) return `${number(bytes / 2 ** 20, bytes < 10 * 2 ** 20 ? 1 : 0)} MB`
  return `${number(Math.max(1, Math.ceil(bytes / 1024)))} kB`
}
