// Takes the cadastral parcel at a place: its number goes to the check, its outline to the preview.
import { api, ApiFailure } from '../api/client'
import type { ParcelGeometry } from '../api/schema'
import { check, takeGeometry } from '../state/check'
import { say } from '../i18n'

const PARCEL = 'parcel'

export async function pickParcel(lon: number, lat: number): Promise<void> {
  check.note = say('bar.pickReading')
  try {
    const here = await api.identify(lon, lat, null)
    const found = here.find((feature) => feature.layer === PARCEL)
    const shape = found?.geometry
    if (!found || !shape || check.step !== 'pick') {
      check.note = say('bar.pickNone')
      return
    }
    const no = String(found.properties.parcel_no ?? found.code ?? '')
    takeGeometry(shape as ParcelGeometry, found.name ?? no, no || null)
    check.note = ''
  } catch (failure) {
    if (!(failure instanceof ApiFailure)) throw failure
    check.note = failure.problem.detail ?? failure.problem.title
  }
}
