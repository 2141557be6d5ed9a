// A site's boundaries: one a shape, however many lists hold it; what is no area is none.
import { expect, it } from 'vitest'
import { areasOf } from '../src/site/areas'

const square = (size: number) => ({ type: 'Polygon' as const, coordinates: [[[87, 44], [87 + size, 44], [87 + size, 44 + size], [87, 44]]] })

it('are told apart by their shape, not by their list', () => {
  const rows = [
    { layer: 'suspected_plot', geometry: square(0.02) }, { layer: 'contaminated_plot', geometry: square(0.01) },
    { layer: 'risk_register_plot', geometry: square(0.01) }, { layer: 'complaint_point', geometry: { type: 'Point' as const, coordinates: [87, 44] } },
    { layer: 'high_risk_site', geometry: null },
  ]
  expect(areasOf(rows)).toEqual([{ layer: 'suspected_plot', shape: square(0.02) }, { layer: 'contaminated_plot', shape: square(0.01) }])
})
