// What a check is asked of: a shape that was drawn or read, or the number of a parcel that the cadastre knows.
import type { CheckBody, ParcelGeometry } from '../api/schema'

export type CheckRequest = Omit<CheckBody, 'parcel'> & {
  parcel: ParcelGeometry | { type: 'Feature'; geometry: ParcelGeometry; properties: Record<string, unknown> } | { parcel_no: string }
}
