() => {
  // A page as large type or a narrow window shows it: what scrolls sideways, and which controls nobody can get at.
  const found = []
  const named = (el) => `${el.tagName.toLowerCase()}.${[...el.classList].join('.')} "${(el.getAttribute('aria-label') ?? el.innerText ?? '').trim().slice(0, 40)}"`
  const root = document.documentElement
  if (root.scrollWidth > root.clientWidth) found.push(`the page is ${root.scrollWidth} wide in ${root.clientWidth}`)
  const dialog = document.querySelector('dialog[open]')
  const ground = dialog ?? document.body
  const wide = (el) => el.scrollWidth > el.clientWidth + 1 && ['auto', 'scroll'].includes(getComputedStyle(el).overflowX)
  const maySlide = (el) => el.matches('pre, textarea, input') || !!el.querySelector(':scope table, :scope .axis, :scope [data-timeline]')
  for (const el of ground.querySelectorAll('*')) {
    if (el.checkVisibility() && wide(el) && !maySlide(el)) found.push(`slides sideways: ${named(el)}, ${el.scrollWidth} in ${el.clientWidth}`)
  }
  const moved = [...ground.querySelectorAll('*')].filter((el) => el.scrollTop || el.scrollLeft).map((el) => [el, el.scrollTop, el.scrollLeft])
  for (const el of ground.querySelectorAll('button, a[href], input:not([type=hidden]), select, textarea, summary')) {
    if (el.disabled || !el.checkVisibility({ visibilityProperty: true, opacityProperty: true }) || el.closest('.visually-hidden, .skip, .skip-to-content-link, [inert], [aria-hidden=true]')) continue
    const shown = el.matches('input[type=file], .visually-hidden, input[type=radio], input[type=checkbox]') && el.closest('label') || el
    shown.scrollIntoView({ block: 'center', inline: 'center' })
    const box = shown.getBoundingClientRect()
    if (box.width < 2 || box.height < 2) continue
    const [x, y] = [box.left + box.width / 2, box.top + Math.min(box.height / 2, 22)]
    if (box.left < -1 || box.right > innerWidth + 1 || y < 0 || y > innerHeight) { found.push(`out of the window: ${named(el)} at ${Math.round(box.left)}–${Math.round(box.right)}, ${Math.round(y)}`); continue }
    const top = document.elementFromPoint(x, y)
    if (el.closest('.ground') && top?.closest('aside.side, .dock')) continue // a sheet over the map is lowered by its handle
    if (top && !shown.contains(top) && !top.contains(shown)) found.push(`covered: ${named(el)} by ${named(top.closest('aside, section, dialog, .float, header') ?? top)}`)
  }
  for (const [el, down, right] of moved) { el.scrollTop = down; el.scrollLeft = right }
  return found
}
