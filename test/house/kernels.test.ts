import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, it } from 'vitest'
import { root } from './imports.ts'

const { isCurrent, kernels } = await import(pathToFileURL(join(root, 'scripts/kernels.mjs')).href)

it.each(Object.keys(kernels))('the compiled kernel %s was made from its source, with these flags and this compiler', (name) => {
  expect(isCurrent(name), 'run `npm run kernels`').toBe(true)
})
