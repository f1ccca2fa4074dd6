/** Whether the classifiers are right as often as scikit-learn's, on real texts and with the defaults. */
import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { accuracy } from '../../evaluation/classification.ts'
import { fitBagOfWords } from './model.ts'

type Row = [text: string, label: string]
type Result = {
  data: string
  train: number
  test: number
  terms: number
  accuracy: Record<'logistic' | 'naive-bayes' | 'svm', number>
}
const golden: Result[] = JSON.parse(
  readFileSync(new URL('../../../test/golden/bag_of_words_accuracy.json', import.meta.url), 'utf8'),
).results

const folder = new URL('../../../../shared/data/classify/', import.meta.url)
const present = existsSync(folder)
const lines = (name: string, encoding: BufferEncoding = 'utf8') =>
  readFileSync(new URL(name, folder), encoding)
    .split('\n')
    .filter((line) => line !== '')
const table = (name: string) => lines(name).map((line) => line.split('\t') as Row)
const questions = () =>
  lines('trec/train_5500.label', 'latin1').map((line): Row => {
    const space = line.indexOf(' ')
    return [line.slice(space + 1), line.slice(0, line.indexOf(':'))]
  })
const split = (rows: Row[]) => ({ train: rows.filter((_, i) => i % 5 !== 0), test: rows.filter((_, i) => i % 5 === 0) })

const DATA: Record<string, () => { train: Row[]; test: Row[] }> = {
  sst2: () => ({ train: table('sst2/train.tsv'), test: table('sst2/dev.tsv') }),
  agnews: () => split(table('agnews/dev.tsv')),
  trec: () => split(questions()),
}

describe.skipIf(!present)(
  `accuracy within 0.3 points of scikit-learn's${present ? '' : ' (skipped: ../shared/data is absent)'}`,
  () => {
    it.each(golden)('on $data', { timeout: 180_000 }, async ({ data, accuracy: want, ...sizes }) => {
      const { train, test } = DATA[data]!()
      expect([train.length, test.length]).toEqual([sizes.train, sizes.test])
      for (const classifier of ['logistic', 'naive-bayes', 'svm'] as const) {
        const model = await fitBagOfWords(
          train.map(([text]) => text),
          train.map(([, label]) => label),
          { classifier },
        )
        const predicted = model.classify(test.map(([text]) => text)).map(({ label }) => label)
        const got = accuracy(
          test.map(([, label]) => label),
          predicted,
        )
        expect(model.parts.vectorizer.columns).toBe(sizes.terms)
        expect(Math.abs(got - want[classifier])).toBeLessThanOrEqual(0.003)
      }
    })
  },
)
