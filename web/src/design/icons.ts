// Line icons, 20 × 20, 1.5 px stroke, and the six verdict marks, each with an outline shape of its own.
import type { Verdict } from '../api/schema'

export const ICONS = {
  target: '<circle cx="10" cy="10" r="6.5"/><circle cx="10" cy="10" r="2"/>',
  draw: '<path d="M4 15.5 5.5 6l8-2L16 11.500 9.500 15z"/><circle cx="5.500" cy="6" r="1.600" fill="var(--icon-fill)"/><circle cx="13.500" cy="4" r="1.600" fill="var(--icon-fill)"/><circle cx="16" cy="11.500" r="1.600" fill="var(--icon-fill)"/><circle cx="4" cy="15.500" r="1.600" fill="var(--icon-fill)"/>',
  upload: '<path d="M10 13V3.500M6.500 7 10 3.500 13.500 7M3.500 13.500v3h13v-3"/>',
  paste: '<rect x="4.500" y="4" width="11" height="13" rx="1.500"/><path d="M7.500 4V2.800h5V4M7.500 9h5M7.500 12.500h5"/>',
  search: '<circle cx="9" cy="9" r="5.5"/><path d="m13.200 13.200 4 4"/>',
  clock: '<circle cx="10" cy="10" r="7"/><path d="M10 6v4.300l3 1.700"/>',
  layers: '<path d="m10 3.500 7 3.700-7 3.700-7-3.700z"/><path d="m3 10.500 7 3.700 7-3.700M3 13.700l7 3.700 7-3.700"/>',
  close: '<path d="m5 5 10 10M15 5 5 15"/>',
  link: '<path d="M8.500 11.500 11.500 8.500M9 6.500l2-2a3.200 3.200 0 0 1 4.500 4.500l-2 2M11 13.500l-2 2A3.200 3.200 0 0 1 4.500 11l2-2"/>',
  plus: '<path d="M10 4v12M4 10h12"/>',
  minus: '<path d="M4 10h12"/>',
  home: '<path d="M3.500 9.500 10 4l6.500 5.500M5.500 8.500V16h9V8.500M8.500 16v-4h3v4"/>',
  chevron: '<path d="m5 7.500 5 5 5-5"/>',
  left: '<path d="m12.500 5-5 5 5 5"/>',
  lock: '<rect x="4.500" y="9" width="11" height="8" rx="1.500"/><path d="M7 9V6.500a3 3 0 0 1 6 0V9"/>',
  more: '<circle cx="4.500" cy="10" r=".9" fill="currentColor"/><circle cx="10" cy="10" r=".9" fill="currentColor"/><circle cx="15.500" cy="10" r=".9" fill="currentColor"/>',
  document: '<path d="M5 3h6.500L15 6.500V17H5z"/><path d="M11.500 3v3.500H15M7.500 10h5M7.500 13h5"/>',
  warning: '<path d="M10 3.500 17.500 16.500h-15z"/><path d="M10 8.500v3.800M10 14.300v.2"/>',
  undo: '<path d="M7.500 5 4 8.500 7.500 12M4.500 8.500h7a4 4 0 0 1 0 8H8"/>',
  redo: '<path d="M12.500 5 16 8.500 12.500 12M15.500 8.500h-7a4 4 0 0 0 0 8H12"/>',
  check: '<path d="m4.500 10.500 3.500 3.500 7.500-8"/>',
  copy: '<rect x="7" y="7" width="9.500" height="9.500" rx="1.500"/><path d="M13 7V4.500a1 1 0 0 0-1-1H4.500a1 1 0 0 0-1 1V12a1 1 0 0 0 1 1H7"/>',
  moon: '<path d="M16.500 11.500A6.800 6.800 0 0 1 8.500 3.500a6.800 6.800 0 1 0 8 8z"/>',
  sun: '<circle cx="10" cy="10" r="3.500"/><path d="M10 2.500v2M10 15.500v2M2.500 10h2M15.500 10h2M4.700 4.700l1.400 1.400M13.900 13.900l1.400 1.400M15.300 4.700l-1.400 1.400M6.100 13.900l-1.400 1.400"/>',
  offline: '<path d="M3 3l14 14M5 9.500a7.500 7.500 0 0 1 3-1.800M11 7.400a7.500 7.500 0 0 1 4 2.100M7.700 12.300a4 4 0 0 1 3-1M10 15.500v.2"/>',
  download: '<path d="M10 3.500V13M6.500 9.500 10 13l3.500-3.500M3.500 16.500h13"/>',
  user: '<circle cx="10" cy="7" r="3.200"/><path d="M3.500 16.800a6.500 6.500 0 0 1 13 0"/>',
  list: '<rect x="3" y="4" width="14" height="12" rx="1"/><path d="M3 8h14M3 12h14M7.500 8v8"/>',
  grip: '<path d="M4.500 7h11M4.500 10h11M4.500 13h11"/>',
  filter: '<path d="M3.500 4.500h13l-5 6.200V16l-3-1.800v-3.500z"/>',
  print: '<path d="M6 8V3.500h8V8M6 13.500H3.500V8h13v5.500H14"/><path d="M6 11.500h8v5H6z"/>',
  help: '<circle cx="10" cy="10" r="7"/><path d="M7.900 8c.2-1.300 1.100-1.900 2.200-1.900 1.200 0 2.100.7 2.100 1.800 0 1.600-2.100 1.600-2.100 3.100M10.100 13.700v.2"/>',
  sort: '<path d="M7 4v12M4 13l3 3 3-3M13 16V4M10 7l3-3 3 3"/>',
  calendar: '<rect x="3.500" y="4.500" width="13" height="12" rx="1.500"/><path d="M3.500 8.500h13M7 3v3M13 3v3"/>',
  card: '<rect x="3" y="4" width="14" height="12" rx="1.500"/><path d="M6 8h4M6 11h8M6 13.500h8"/>',
  info: '<circle cx="10" cy="10" r="7"/><path d="M10 9v4.500M10 6.500v.2"/>',
} as const

export type IconName = keyof typeof ICONS

export const VERDICT_MARKS: Record<Verdict, { id: string; svg: string }> = {
  prohibit: {
    id: 'octagon-bar',
    svg: '<path d="M8.1 2.5h7.8l5.6 5.6v7.8l-5.6 5.6H8.1l-5.6-5.6V8.1z" fill="var(--vm)"/><rect x="6.4" y="10.6" width="11.2" height="2.8" rx=".6" fill="var(--vo)"/>',
  },
  needs_investigation: {
    id: 'diamond-search',
    svg: '<path d="M12 1.4 22.6 12 12 22.6 1.4 12z" fill="var(--vm)" stroke="var(--vm)" stroke-width="1" stroke-linejoin="round"/><circle cx="11.2" cy="11" r="3.6" fill="none" stroke="var(--vo)" stroke-width="1.9"/><path d="m14 13.9 2.8 2.8" stroke="var(--vo)" stroke-width="2.2" stroke-linecap="round"/>',
  },
  conditional: {
    id: 'triangle-list',
    svg: '<path d="M12 2.2 22.6 20.8H1.4z" fill="var(--vm)" stroke="var(--vl)" stroke-width="1.5" stroke-linejoin="round"/><path d="M10.2 11h3.6M8.6 14h6.8M7 17h10" stroke="var(--vo)" stroke-width="1.7"/>',
  },
  undetermined: {
    id: 'ring-question',
    svg: '<circle cx="12" cy="12" r="9.2" fill="var(--vbg,#fff)" stroke="var(--vm)" stroke-width="2.4" stroke-dasharray="4.6 2.6"/><path d="M9.2 9.6c.2-1.7 1.4-2.6 2.9-2.6 1.7 0 2.9 1 2.9 2.5 0 2.2-2.9 2.2-2.9 4.3" fill="none" stroke="var(--vm)" stroke-width="2" stroke-linecap="round"/><circle cx="12.1" cy="16.8" r="1.35" fill="var(--vm)"/>',
  },
  notice: {
    id: 'flag-i',
    svg: '<path d="M4 2.5h16v14H10.5L4 21.8z" fill="var(--vm)" stroke="var(--vm)" stroke-width="1" stroke-linejoin="round"/><circle cx="12" cy="6.3" r="1.3" fill="var(--vo)"/><path d="M12 9.2v5" stroke="var(--vo)" stroke-width="2.2" stroke-linecap="round"/>',
  },
  clear: {
    id: 'circle-tick',
    svg: '<circle cx="12" cy="12" r="10.3" fill="var(--vm)"/><path d="m7.3 12.3 3.3 3.3 6.2-6.9" fill="none" stroke="var(--vo)" stroke-width="2.3" stroke-linecap="round" stroke-linejoin="round"/>',
  },
}
