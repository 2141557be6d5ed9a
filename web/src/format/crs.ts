// Reference systems of CGCS2000 by their EPSG codes, as surveyors say them.
import { say } from '../i18n'

/**
 * "EPSG:4517" → "CGCS2000 · 3°带 29"; unknown codes stay as they are.
 * 3° zones 25-45: EPSG 4513-4533 with the zone in the easting, 4534-4554 without (by central meridian);
 * 6° zones 13-23: EPSG 4491-4501 and 4502-4512 likewise.
 */
export function crsTitle(crs: number | string | null): string {
  if (!crs) return '–'
  const code = Number(/^(?:EPSG:)?(\d+)$/i.exec(String(crs))?.[1])
  if (code === 4490) return 'CGCS2000'
  const ranges: [number, number, number][] = [[4513, 3, 25], [4534, 3, 25], [4491, 6, 13], [4502, 6, 13]]
  for (const [first, width, zone] of ranges) {
    const count = width === 3 ? 21 : 11
    if (code >= first && code < first + count) return `CGCS2000 · ${say('preview.zone', { zone: width, number: zone + code - first })}`
  }
  return Number.isNaN(code) ? String(crs) : `EPSG:${code}`
}
