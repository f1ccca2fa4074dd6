import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { root } from '../house/imports.ts'

const vectors = join(root, 'test/golden/vectors/word2vec.bin')
const golden = JSON.parse(readFileSync(join(root, 'test/golden/word_vectors.json'), 'utf8'))

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'loquent-vectors-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function loquent(args: string[], input = '') {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'dist/cli/main.js'), ...args], {
    encoding: 'utf8',
    input,
  })
  return { status, stdout, stderr }
}

describe('neighbors', () => {
  it('gives words with their similarity', () => {
    const { stdout } = loquent(['neighbors', vectors, 'king', '--topn', '2', '--json'])
    const expected = golden.mostSimilar[0].answer.slice(0, 2)
    expect(JSON.parse(stdout).map(({ word }: { word: string }) => word)).toEqual(expected.map(([word]: [string]) => word))
    expect(loquent(['neighbors', vectors, '--positive', 'Norway,Rome', '--negative', 'Oslo']).stdout).toMatch(
      /^Italy\t0\.\d{4}\n/,
    )
  })

  it('answers a line of standard input with a line of JSON', () => {
    const { stdout } = loquent(['neighbors', vectors, '-', '--json'], 'king\nTea\n')
    expect(
      stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).length),
    ).toEqual([10, 10])
  })

  it('says what is wrong', () => {
    const { status, stderr } = loquent(['neighbors', vectors, 'kingg', '--json'])
    expect([status, JSON.parse(stderr).error]).toEqual([
      1,
      expect.objectContaining({ code: 'data', hint: 'did you mean "king"?' }),
    ])
    expect(loquent(['neighbors', vectors]).stderr).toContain('needs a word')
    expect(loquent(['neighbors', vectors, '--positive', ',']).status).toBe(1)
    expect(loquent(['classify', vectors, 'a text']).stderr).toContain('must be one that can classify')
  })
})

describe('embed', () => {
  it('gives a line a text, and tells of texts without a known word', () => {
    const { stdout, stderr } = loquent(['embed', vectors], 'the king\n{"text": "Atlantis"}\n')
    const [king, none] = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).embedding)
    expect(Float32Array.from(king)).toEqual(Float32Array.from(golden.vectors[golden.words.indexOf('king')]))
    expect(none).toEqual(Array(8).fill(0))
    expect(stderr).toBe('note: texts of which no word is known, whose vector is zero: 1\n')
  })

  it('embeds whole files, weighted over all their texts', () => {
    const texts = join(folder, 'texts.csv')
    writeFileSync(texts, `id,review\n${golden.sentences.texts.map((text: string, i: number) => `${i},${text}\n`).join('')}`)
    for (const out of [join(folder, 'out.csv'), join(folder, 'out.jsonl')]) {
      const { stderr } = loquent(['embed', vectors, texts, '--text', 'review', '--out', out, '--weighting', 'tf-idf'])
      expect(stderr).toBe(`6 texts embedded: ${out}\n`)
      const last = readFileSync(out, 'utf8').trimEnd().split('\n').at(-1)!
      const numbers = out.endsWith('csv') ? JSON.parse(/"(.*)"$/.exec(last)![1]) : JSON.parse(last).embedding
      for (const [c, x] of golden.sentences['tf-idf'][5].entries()) expect(numbers[c]).toBeCloseTo(x, 6)
    }
  })

  it('refuses a weighting by one text', () => {
    expect(loquent(['embed', vectors, 'king', '--weighting', 'sif']).stderr).toContain('needs at least two')
    expect(loquent(['embed', vectors, 'king', '--weighting', 'best']).status).toBe(2)
  })
})

describe('evaluate', () => {
  it('measures word vectors by analogies or by judgements', () => {
    const [analogies, pairs] = [join(folder, 'analogies.txt'), join(folder, 'pairs.tsv')]
    writeFileSync(analogies, golden.analogies)
    writeFileSync(pairs, golden.wordPairs)
    const text = join(folder, 'vectors.txt')
    writeFileSync(text, golden.words.map((word: string, i: number) => `${word} ${golden.vectors[i].join(' ')}\n`).join(''))
    const { stdout, stderr } = loquent(['evaluate', text, analogies, '--json'])
    expect(JSON.parse(stdout)).toMatchObject({ accuracy: golden.evaluated[0].accuracy, unknown: 2, analogies: 10 })
    expect(stderr).toBe('note: lines that are none of the kind, and were left out: 1 (11)\n')
    expect(JSON.parse(loquent(['evaluate', text, pairs, '--json']).stdout).spearman).toBeCloseTo(golden.evaluated[0].spearman, 12)
    expect(loquent(['evaluate', text, analogies]).stdout).toMatch(/^capitals\t\d of \d\n/)
  })
})

describe('a trained folder', () => {
  it('is such a model too', () => {
    const text = join(folder, 'text.txt')
    writeFileSync(text, 'the king drinks tea and the queen drinks tea\n'.repeat(50))
    const out = join(folder, 'trained')
    const { status, stderr } = loquent([
      'train',
      'word2vec',
      text,
      '--out',
      out,
      '--dim',
      '8',
      '--min-count',
      '1',
      '--subwords',
      '--threads',
      '1',
    ])
    expect([status, stderr]).toEqual([0, expect.anything()])
    expect(JSON.parse(loquent(['neighbors', out, 'king', '--json', '--topn', '3']).stdout)).toHaveLength(3)
    expect(JSON.parse(loquent(['neighbors', out, 'kings', '--json', '--topn', '3']).stdout)).toHaveLength(3)
    expect(JSON.parse(loquent(['embed', out, 'The King']).stdout).embedding).toHaveLength(8)
  })
})
