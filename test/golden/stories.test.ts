import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { loadModel } from '../../src/load.ts'

type Expected = { greedy: { prompt: string; steps: number; text: string }[] }

const folder = fileURLToPath(new URL('../../../shared/data/checkpoints/stories260K', import.meta.url))
const present = existsSync(folder)
const { greedy }: Expected = present
  ? JSON.parse(readFileSync(`${folder}/expected-greedy.json`, 'utf8'))
  : { greedy: [{ prompt: '', steps: 0, text: '' }] }

describe('a trained Llama of 260,000 parameters', () => {
  it.skipIf(!present).each(greedy)(
    `continues $prompt as the reference C program${present ? '' : ' (skipped: ../shared/data is absent)'}`,
    async ({ prompt, steps, text }) => {
      await using model = await loadModel(folder, { threads: 1 })
      const stream = model.generate!(prompt, { temperature: 0, maxTokens: steps })
      let written = prompt
      let tokens = 0
      for await (const piece of stream) {
        written += piece.text
        tokens += piece.tokens.length
        if (written.length >= text.length) break
      }
      expect(written.slice(0, text.length)).toBe(text)
      expect(tokens).toBeGreaterThan(100)
    },
  )
})
