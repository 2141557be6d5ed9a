// Names, levels and focus that Swagger UI leaves out, put where it has drawn.
const docs = document.getElementById('docs')

const reach = () => {
  for (const [level, headings] of [[2, '.opblock-tag, .models > h4'], [3, '.opblock h4, .model-container h4']]) {
    for (const heading of docs.querySelectorAll(headings)) heading.setAttribute('aria-level', level)
  }
  for (const [part, name] of [['.information-container', '关于'], ['.scheme-container', '登录']]) {
    const found = docs.querySelector(part)
    found?.setAttribute('role', 'region')
    found?.setAttribute('aria-label', name)
  }
  for (const list of docs.querySelectorAll('select:not([aria-label])')) {
    list.setAttribute('aria-label', list.closest('label')?.innerText || list.closest('[data-param-name]')?.dataset.paramName || '内容格式')
  }
  for (const region of docs.querySelectorAll('[role=region]:not([aria-label])')) {
    region.setAttribute('aria-label', region.id || region.className)
  }
  for (const text of docs.querySelectorAll('pre:not([tabindex]), .highlight-code > *:not([tabindex])')) {
    if (text.scrollHeight > text.clientHeight || text.scrollWidth > text.clientWidth) text.tabIndex = 0
  }
}

new MutationObserver(reach).observe(docs, { childList: true, subtree: true })
