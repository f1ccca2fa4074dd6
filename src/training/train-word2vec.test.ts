import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { Word2VecConfig } from '../models/word2vec/config.ts'
import { layoutOf } from '../models/word2vec/layout.ts'
import { loadWord2Vec } from '../models/word2vec/weights.ts'
import { Random } from '../tensor/random.ts'
import { trainWord2Vec, type Word2VecRun } from './train-word2vec.ts'

const folder = mkdtempSync(join(tmpdir(), 'loquent-word2vec-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const PAIRS = 12
const CONTEXTS = 10

/**
 * Sentences in which `left3` and `right3` have the same words beside them, but never each other. Shuffled, the same words stand in
 * sentences of the same lengths without any order.
 */
function sentences(shuffled: boolean): { text: string }[] {
  const random = new Random(5, 'twins')
  const all = Array.from({ length: 12_000 }, () => {
    const pair = random.below(PAIRS)
    const beside = () => `beside${pair}x${random.below(CONTEXTS)}`
    const word = `${random.uniform() < 0.5 ? 'left' : 'right'}${pair}`
    return [beside(), beside(), word, beside(), beside()]
  })
  if (!shuffled) return all.map((words) => ({ text: words.join(' ') }))
  const words = random.shuffle(all.flat())
  return all.map((sentence, i) => ({ text: words.slice(i * sentence.length, (i + 1) * sentence.length).join(' ') }))
}

const small: Partial<Word2VecConfig> = { dimensions: 24, window: 2, minCount: 1, sample: 0, epochs: 4, learningRate: 0.05 }
let made = 0
async function trained(options: Partial<Word2VecConfig> = {}, run: Partial<Word2VecRun> = {}, texts = sentences(false)) {
  const out = run.out ?? join(folder, `model${made++}`)
  await trainWord2Vec(() => texts, { ...small, ...options }, { seed: 1, threads: 1, ...run, out })
  return { out, bytes: readFileSync(join(out, 'model.safetensors')) }
}

/** Of how many pairs each word is the other's nearest of all words. */
async function twinsFound(out: string): Promise<number> {
  const { vectors } = await loadWord2Vec(out)
  const nearest = (word: string) => vectors.mostSimilar({ positive: [word], topn: 1 })[0].word
  const pairs = Array.from({ length: PAIRS }, (_, i) => i)
  return pairs.filter((i) => nearest(`left${i}`) === `right${i}` && nearest(`right${i}`) === `left${i}`).length
}

describe('two words with the same words beside them that never meet', () => {
  const kinds: Partial<Word2VecConfig>[] = [
    { model: 'skip-gram' },
    { model: 'cbow', epochs: 8 },
    { model: 'skip-gram', subwords: { minn: 8, maxn: 9, bucket: 50_000 } },
  ]
  it.each(kinds)('become nearest neighbours: %j', async (kind) => {
    const { out } = await trained(kind)
    expect(await twinsFound(out)).toBe(PAIRS)
  })

  it('do not where the same words stand in no order', async () => {
    const { out } = await trained({}, {}, sentences(true))
    expect(await twinsFound(out)).toBeLessThanOrEqual(2)
  })
})

describe('the result', () => {
  it('is the same to the bit with the same seed and one thread, and another with another seed', async () => {
    const [a, b, c] = [await trained(), await trained(), await trained({}, { seed: 2 })]
    expect(b.bytes.equals(a.bytes)).toBe(true)
    expect(c.bytes.equals(a.bytes)).toBe(false)
  })

  it('is the same with several threads where that is asked for, and as good', async () => {
    const run = { threads: 3, reproducible: true }
    const [a, b] = [await trained({ epochs: 6 }, run), await trained({ epochs: 6 }, run)]
    expect(b.bytes.equals(a.bytes)).toBe(true)
    expect(await twinsFound(a.out)).toBe(PAIRS)
  })

  it('is as good with threads that do not wait for one another', async () => {
    const { out } = await trained({}, { threads: 2 })
    expect(await twinsFound(out)).toBe(PAIRS)
  })

  it.each([{ threads: 1 }, { threads: 2, reproducible: true }])('is the same after an interruption: %j', async (run) => {
    const whole = await trained({}, run)
    const out = join(folder, `interrupted${run.threads}`)
    const interrupt = new AbortController()
    const onEvent: Word2VecRun['onEvent'] = (event) => {
      if (event.type === 'step' && event.step > event.steps / 3) interrupt.abort()
    }
    const first = trained({}, { ...run, out, onEvent, signal: interrupt.signal })
    await expect(first).rejects.toMatchObject({ code: 'interrupted' })
    const events: string[] = []
    const resumed = await trained({}, { ...run, out, resume: true, onEvent: ({ type }) => events.push(type) }, [])
    expect(events).toContain('resumed')
    expect(events).not.toContain('reading') // the texts are not needed again
    expect(resumed.bytes.equals(whole.bytes)).toBe(true)
    expect(readdirSync(out).sort()).toEqual(['config.json', 'model.safetensors', 'training.json', 'vocabulary.txt'])
    const curve = (folder: string) => JSON.parse(readFileSync(join(folder, 'training.json'), 'utf8')).curve
    expect(curve(out)).toEqual(curve(whole.out))
    expect(curve(out)).toHaveLength(small.epochs!)
  })
})

describe('n-grams', () => {
  it('give words that were never seen a vector near those with the same parts', async () => {
    const subwords = { minn: 3, maxn: 6, bucket: 100_000 }
    const { out } = await trained({ subwords })
    const { vectors, config } = await loadWord2Vec(out)
    expect(config.subwords).toEqual(subwords)
    expect(vectors.has('left3')).toBe(true)
    expect(vectors.similarity('beside3x3', 'beside3xx')).toBeGreaterThan(vectors.similarity('beside3x3', 'beside7xx'))
  })
})

describe('what cannot be', () => {
  it('is refused before anything is read or allocated', async () => {
    await expect(trained({ dimensions: 0 })).rejects.toThrow('dimensions must be a whole number from 1')
    await expect(trained({ sample: 2 })).rejects.toThrow('sample must be')
    await expect(trained({ subwords: { minn: 6, maxn: 3, bucket: 10 } })).rejects.toThrow('maxn must be')
    await expect(trained({}, { threads: 0 })).rejects.toThrow('threads: must be')
    const sizes = { words: 9_000_000, rows: 9_000_000, width: 300, negative: 5, threads: 2, copies: true, subwordRows: 0 }
    expect(() => layoutOf(sizes)).toThrow('got    9000000 input and 9000000 output rows of 300 numbers in 3 copies')
  })

  it('tells of texts without words, and leaves nothing behind', async () => {
    const out = join(folder, 'empty')
    await expect(trained({}, { out }, [{ text: ' … ' }])).rejects.toThrow('there must be words to learn from')
    expect(readdirSync(join(out, 'checkpoints'))).toEqual([])
    await expect(trained({ minCount: 9 }, { out, resume: true }, [{ text: 'a b c' }])).rejects.toThrow('at least 9 times')
  })

  it('stops where numbers overflow', async () => {
    const out = join(folder, 'diverged')
    await expect(trained({ learningRate: 1e30 }, { out })).rejects.toThrow('must stay finite')
    expect(existsSync(join(out, 'model.safetensors'))).toBe(false)
  })

  it('is another run than the one that is resumed', async () => {
    const { out } = await trained()
    await expect(trained({}, { out })).rejects.toThrow('a new or empty folder')
    await expect(trained({ window: 3 }, { out, resume: true })).rejects.toThrow('options differs')
    await trained({}, { out, resume: true }, []) // finished already
  })
})
