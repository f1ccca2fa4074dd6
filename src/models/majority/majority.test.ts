import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fitMajority } from './model.ts'
import { loadMajority, saveMajority } from './weights.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'loquent-majority-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

describe('majority', () => {
  it('gives every text the most frequent label, with the shares of all', () => {
    const model = fitMajority(['', 'a', 'b', 'c'], ['spam', 'ham', 'spam', '__proto__'])
    const [answer, same] = model.classify(['anything', ''])
    expect(answer).toEqual(same)
    expect(answer!.label).toBe('spam')
    expect(Object.entries(answer!.scores)).toEqual([
      ['__proto__', 0.25],
      ['ham', 0.25],
      ['spam', 0.5],
    ])
  })

  it('prefers the first of equally frequent labels', () => {
    expect(fitMajority(['', ''], ['b', 'a']).classify(['x'])[0]!.label).toBe('a')
  })

  it('refuses data without a choice', () => {
    expect(() => fitMajority([], [])).toThrow(/at least two labels/)
    expect(() => fitMajority(['x'], ['only'])).toThrow(/all labelled "only"/)
  })

  it('comes back from its folder', async () => {
    const model = fitMajority(['', '', ''], ['x', '__proto__', 'y'])
    await saveMajority(model, folder)
    expect((await loadMajority(folder)).classify(['a'])).toEqual(model.classify(['a']))
  })

  it.each([
    [{ label_frequencies: [1] }, /each label/],
    [{ label_frequencies: [0.4, 0.4] }, /sum 0.8/],
    [{ label_frequencies: [2, -1] }, /label_frequencies/],
    [{ model_type: 'bag-of-words' }, /model_type/],
    [{ id2label: { 1: 'x', 2: 'y' } }, /id2label/],
  ])('is refused where config.json says %j', async (changes, message) => {
    await saveMajority(fitMajority(['', ''], ['x', 'y']), folder)
    const path = join(folder, 'config.json')
    await writeFile(path, JSON.stringify({ ...JSON.parse(await readFile(path, 'utf8')), ...changes }))
    await expect(loadMajority(folder)).rejects.toThrow(message)
  })
})
