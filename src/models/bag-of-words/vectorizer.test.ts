import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { VectorizerConfig } from './config.ts'
import { rowAt, rowCount } from './sparse-rows.ts'
import { Vectorizer } from './vectorizer.ts'

type Options = Record<string, any>
type Case = { class: VectorizerConfig['weighting']; options: Options; values: number[] } & Options
const golden: {
  corpus: string[]
  small: Case[]
  agnews: { sampled: number[]; cases: Case[] }
  words: { text: string; tokens: string[] }[]
} = JSON.parse(readFileSync(new URL('../../../test/golden/bag_of_words_vectors.json', import.meta.url), 'utf8'))

/** What Python's pattern means in JavaScript. */
const PATTERNS: Record<string, RegExp> = {
  '[^\\W\\d_]+': /[\p{L}\p{Nl}\p{No}]+/u,
  '(\\w)\\w*': /([\p{L}\p{N}_])[\p{L}\p{N}_]*/u,
}

function translated({ class: weighting, options: o }: Case): Partial<VectorizerConfig> {
  const binary = o.binary ? 'binary' : undefined
  return {
    tokens: o.token_pattern ? PATTERNS[o.token_pattern] : 'scikit-learn',
    weighting: weighting === 'count' ? (binary ?? weighting) : weighting,
    termFrequency: binary ?? (o.sublinear_tf ? 'sublinear' : 'count'),
    analyzer: o.analyzer ?? 'word',
    ngramRange: o.ngram_range ?? [1, 1],
    lowercase: o.lowercase ?? true,
    stripAccents: o.strip_accents ?? 'none',
    stopWords: o.stop_words ?? 'none',
    minDocumentFrequency: o.min_df ?? 1,
    maxDocumentFrequency: o.max_df ?? 1,
    maxFeatures: o.max_features,
    useIdf: o.use_idf ?? true,
    smoothIdf: o.smooth_idf ?? true,
    norm: o.norm === null ? 'none' : o.norm,
    hashFeatures: o.n_features ?? 2 ** 20,
    alternateSign: o.alternate_sign ?? true,
  }
}

const title = ({ class: name, options }: Case) => `${name} ${JSON.stringify(options)}`

function expectClose(got: ArrayLike<number>, want: readonly number[]) {
  expect(got.length).toBe(want.length)
  let worst = 0
  for (let i = 0; i < want.length; i++) worst = Math.max(worst, Math.abs(got[i]! - want[i]!))
  expect(worst).toBeLessThan(1e-9)
}

describe('vectors equal those of scikit-learn', () => {
  it.each(golden.small.map((one) => [title(one), one] as const))('on texts of many scripts: %s', (_, one) => {
    const vectorizer = new Vectorizer(translated(one))
    const rows = vectorizer.fitTransform(golden.corpus)
    if (one.terms) expect(vectorizer.terms).toEqual(one.terms)
    if (one.starts) expect([...rows.starts]).toEqual(one.starts)
    if (one.ids) expect([...rows.ids]).toEqual(one.ids)
    if (one.idf) expectClose(vectorizer.idf!, one.idf)
    expectClose(rows.values, one.values)
    expect(vectorizer.transform(golden.corpus)).toEqual(rows)
  })

  it('and so do the words, found in texts of any characters', () => {
    for (const { text, tokens } of golden.words) {
      const vectorizer = new Vectorizer({ tokens: 'scikit-learn', weighting: 'count' })
      const found = tokens.length === 0 ? [] : [...vectorizer.fit([text]).terms].sort()
      expect(found).toEqual([...new Set(tokens)].sort())
    }
  })

  const agnews = new URL('../../../../shared/data/classify/agnews/dev.tsv', import.meta.url)
  const texts = existsSync(agnews)
    ? readFileSync(agnews, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => line.split('\t')[0]!)
    : undefined
  const note = texts ? '' : ' (skipped: ../shared/data is absent)'
  const weightedSum = (numbers: ArrayLike<number>) => {
    let sum = 0
    for (let i = 0; i < numbers.length; i++) sum += numbers[i]! * ((i % 97) + 1)
    return sum
  }
  it.skipIf(!texts).each(golden.agnews.cases.map((one) => [title(one), one] as const))(`on AG News${note}: %s`, (_, one) => {
    const vectorizer = new Vectorizer(translated(one))
    const rows = vectorizer.fitTransform(texts!)
    expect([rowCount(rows), rows.columns, rows.ids.length]).toEqual([one.texts, one.columns, one.entries])
    const sums = [rows.starts, rows.ids, rows.values].map(weightedSum)
    one.sums.forEach((sum: number, i: number) => {
      expect(Math.abs(sums[i]! - sum)).toBeLessThanOrEqual(1e-11 * Math.abs(sum))
    })
    golden.agnews.sampled.forEach((row, i) => {
      const { ids, values } = rowAt(rows, row)
      expect([...ids]).toEqual(one.rows[i].ids)
      expectClose(values, one.rows[i].values)
    })
    for (const [column, term] of Object.entries(one.terms ?? {})) {
      expect(vectorizer.terms[Number(column)]).toBe(term)
      expect(vectorizer.columnOf(term as string)).toBe(Number(column))
    }
  })
})
