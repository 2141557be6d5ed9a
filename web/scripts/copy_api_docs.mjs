// Puts Swagger UI beside the page that draws the API's description (public/docs), so that nothing is asked from outside.
import { copyFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const from = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'))
for (const file of ['swagger-ui.css', 'swagger-ui-bundle.js', 'LICENSE', 'NOTICE']) {
  copyFileSync(join(from, file), new URL(`../dist/docs/${file}`, import.meta.url))
}
