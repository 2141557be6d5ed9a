([language, latin]) => {
  const found = [], seen = new Set()
  const tell = (kind, what) => { const line = kind + ': ' + what.slice(0, 140); if (!seen.has(line)) { seen.add(line); found.push(line) } }
  const shownBox = (el) => {
    if (!el.checkVisibility?.({ visibilityProperty: true, opacityProperty: true })) return null
    const box = el.getBoundingClientRect()
    return box.width > 1 && box.height > 1 ? box : null
  }
  const hiddenOnPurpose = (el) => el.closest('.visually-hidden, .skip, [aria-hidden=true], [inert]')
  const named = (el) => el.tagName.toLowerCase() + (typeof el.className === 'string' && el.className ? '.' + el.className.trim().split(/\s+/).join('.') : '') + ' "' + (el.innerText ?? '').trim().slice(0, 50).replace(/\n/g, ' ') + '"'
  const root = document.documentElement
  if (root.scrollWidth > root.clientWidth + 1) tell('sideways', `the page is ${root.scrollWidth} wide in ${root.clientWidth}`)
  const dialog = document.querySelector('dialog[open]')
  const all = [...(dialog ?? document.body).querySelectorAll('*')].filter((el) => !hiddenOnPurpose(el))
  const texts = []
  for (const el of all) {
    const own = [...el.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim())
    if (!own) continue
    const box = shownBox(el)
    if (!box) continue
    const style = getComputedStyle(el)
    if (style.clipPath !== 'none' && box.width < 2) continue
    if (el.tagName !== 'OPTION') texts.push([el, box, style])
    const cut = el.scrollWidth > el.clientWidth + 1 && ['hidden', 'clip'].includes(style.overflowX) && style.textOverflow !== 'ellipsis'
    if (cut) tell('cut', named(el))
    if (style.overflowY === 'hidden' && el.scrollHeight > el.clientHeight + 2) tell('cut below', named(el))
    // text that leaves a box which hides or scrolls without saying so
    let frame = el.parentElement
    while (frame && frame !== document.body) {
      const how = getComputedStyle(frame), room = frame.getBoundingClientRect()
      if (how.overflowX === 'hidden' && (box.left < room.left - 2 || box.right > room.right + 2) && box.right > room.left && box.left < room.right) { tell('cut by ' + named(frame).split(' ')[0], named(el)); break }
      if (['auto', 'scroll'].includes(how.overflowX) || ['auto', 'scroll'].includes(how.overflowY)) break
      frame = frame.parentElement
    }
    if (!frame || frame === document.body) {
      if (box.right > innerWidth + 1 && box.left < innerWidth) tell('beyond the edge', named(el))
    }
  }
  for (const el of all) {
    if (el.tagName !== 'INPUT' && el.tagName !== 'SELECT') continue
    if (el.tagName === 'INPUT' && el.placeholder && getComputedStyle(el).textOverflow !== 'ellipsis' && shownBox(el) && el.scrollWidth > el.clientWidth + 2) tell('cut', `placeholder ${el.placeholder}`)
  }
  // What is really on top of the middle of each text and control: another one's box over it is an overlap.
  const clickable = all.filter((el) => el.matches('button, a, input, select, summary, label') && shownBox(el))
  for (const el of [...clickable, ...texts.map(([one]) => one)]) {
    const box = el.getBoundingClientRect()
    const x = box.left + box.width / 2, y = box.top + box.height / 2
    if (x < 0 || y < 0 || x >= innerWidth || y >= innerHeight) continue
    let frame = el.parentElement, gone = false
    while (frame && frame !== document.body) {
      if (getComputedStyle(frame).overflow !== 'visible') { const room = frame.getBoundingClientRect(); if (x < room.left || x > room.right || y < room.top || y > room.bottom) { gone = true; break } }
      frame = frame.parentElement
    }
    if (gone) continue
    const top = document.elementFromPoint(x, y)
    if (!top || top === el || el.contains(top) || top.contains(el) || getComputedStyle(el).pointerEvents === 'none') continue
    if (dialog && !dialog.contains(top)) continue
    // On a phone a sheet, the layers and the table cover the map on purpose, and so does a foot that stays.
    if (innerWidth <= 720 && el.closest('.ground, .status') && top.closest('aside, .dock, .start, .here')) continue
    if (el.closest('.status') || (top.matches('.sheet, .page, main') && top.querySelector('.foot'))) continue
    if (el.closest('label') && el.closest('label') === top.closest('label')) continue
    const over = top.closest('.float, dialog, header, .sheet, .dock, .tour') ?? top
    if (over.matches('.tour, .find .list, .menu, .drop, details *') || over.closest('details, .tour, .find')) continue
    let stuck = top
    while (stuck && getComputedStyle(stuck).position !== 'sticky') stuck = stuck.parentElement
    if (stuck || top.closest('thead, .foot, footer')) continue
    tell('overlap', `${named(el)} under ${named(over)}`)
  }
  // Words: keys that were never told, Chinese in English, English in Chinese.
  const KEY = /\b[a-z]+(?:\.[a-z_A-Z]+)+\b/
  for (const [el] of texts) {
    const own = [...el.childNodes].filter((n) => n.nodeType === 3).map((n) => n.textContent).join(' ').trim()
    const foreign = el.closest('[lang]') !== root // marked as another language: names of laws, words of the server
    const isData = /示例|JT-|DJ-|YT-/.test(own) || !!el.closest('[data-name]')
    if (!own || el.closest('code, pre, .mono, textarea')) continue
    if (KEY.test(own.replaceAll('e.g.', '')) && !/https?:|\.(txt|pdf|xlsx|csv|geojson|zip|json|dat|gpkg)\b/.test(own)) tell('key', own)
    // A name may stand in Chinese where it is marked as such; a whole sentence is one that nobody put into English.
    if (language === 'en' && (foreign || isData ? /。/ : /[一-鿿]/).test(own)) tell('chinese', own)
    const isFile = /\.(txt|pdf|xlsx|csv|geojson|zip|json|dat|gpkg)\b/.test(own)
    if (language === 'zh' && !isData && !isFile) {
      const words = (own.match(/[A-Za-z][A-Za-z0-9'/-]*/g) ?? []).filter((w) => !latin.includes(w.toLowerCase()) && !/^[A-Z0-9/-]+$/.test(w) && w.length > 2 && !/^[a-z]+-?\d|^[A-Z]{1,5}\d|^demo/.test(w))
      if (words.length) tell('english', words.join(' ') + ' | ' + own)
    }
  }
  return found
}
