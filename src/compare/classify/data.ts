/** The two parts of the data that every contestant gets: what to learn from, and what it is judged on. */
import { DataError } from '../../errors.ts'
import { indexLabels } from '../../models/classifier.ts'
import { type LabelledData, readLabelled } from '../../text/labelled.ts'
import { trainAndTest } from '../../text/labelled-folder.ts'
import { splitLabelled } from '../../text/split.ts'
import type { FitEvent } from '../messages.ts'
import { shortName } from '../names.ts'
import type { Examples } from './contestants.ts'

export type Parts = {
  train: Examples
  test: Examples
  labelNames: readonly string[]
  skipped: number
  leftOut?: readonly string[]
}

export type DataOptions = {
  /** The column of the texts; left out, it is found by its name or its values. */
  text?: string
  /** The column of the labels, found likewise. */
  label?: string
  /**
   * A file or folder with the test texts, in the same columns. Without it the test part of a folder that holds `train` and `test`, or a
   * fifth of the data, every class in proportion.
   */
  test?: string
  /** The encoding of data that is not UTF-8, such as 'windows-1252'. */
  encoding?: string
}

const TEST_FRACTION = 0.2

/** @throws DataError where either part would be of no use, and whatever reading the files throws */
export async function readParts(data: string | Examples, options: DataOptions, seed: number): Promise<Parts> {
  const { text, label, test, encoding } = options
  const parts = typeof data === 'string' && test === undefined ? await trainAndTest(data) : undefined
  if (parts !== undefined) {
    const read = await readParts(parts.train, { ...options, test: parts.test }, seed)
    return { ...read, leftOut: [...parts.leftOut, ...(read.leftOut ?? [])] }
  }
  const all = typeof data === 'string' ? await readLabelled(data, { text, label, encoding }) : labelled(data)
  const { labelNames, skipped, leftOut = [] } = all
  if (test !== undefined) {
    const held = await readLabelled(test, { text: all.textColumn, label: all.labelColumn, encoding })
    return { train: all, test: held, labelNames, skipped: skipped + held.skipped, leftOut: [...leftOut, ...(held.leftOut ?? [])] }
  }
  if (all.texts.length === labelNames.length) {
    throw new DataError({
      place: nameOf(data),
      rule: 'a part of the texts is held out for the test, so one class must have two at least',
      got: `${all.texts.length} texts, each with a label of its own`,
      hint: 'add labelled texts, or name a file of test texts with --test',
    })
  }
  return { ...splitLabelled(all, { testFraction: TEST_FRACTION, seed }), labelNames, skipped, leftOut }
}

function labelled({ texts, labels }: Examples): LabelledData {
  const { labels: labelNames } = indexLabels(texts, labels)
  return { texts: [...texts], labels: [...labels], labelNames, textColumn: 'text', labelColumn: 'label', skipped: 0 }
}

/** What a reader of the results should know about the data. */
export function warningsAbout({ train, test, skipped, leftOut = [] }: Parts): string[] {
  const known = { texts: new Set(train.texts), labels: new Set(train.labels) }
  const seen = test.texts.filter((text) => known.texts.has(text)).length
  const strange = test.labels.filter((label) => !known.labels.has(label))
  const of = `of ${test.texts.length} test texts`
  const warnings: [applies: boolean, warning: string][] = [
    [skipped > 0, `${skipped} rows left out: their text or label is blank`],
    [
      leftOut.length > 0,
      `no labelled texts in ${leftOut.slice(0, NAMED).join(', ')}${leftOut.length > NAMED ? ` and ${leftOut.length - NAMED} more` : ''}: left out`,
    ],
    [seen > 0, `${seen} ${of} stand in the training data too, which flatters models that memorise`],
    [strange.length > 0, `${strange.length} ${of} have labels that training lacks (${listed(strange)}): they count as errors`],
    [test.texts.length < FEW, `only ${test.texts.length} test texts: the intervals are wide, and few differences significant`],
  ]
  return warnings.flatMap(([applies, warning]) => (applies ? [warning] : []))
}

/** That a model did not read all of some texts. */
export const describeCut = ({ part, texts, of, read }: Extract<FitEvent, { type: 'texts cut' }>): string =>
  `${texts} of ${of} ${part} texts are longer than ${read} tokens: only their beginning is read`

const FEW = 30
const NAMED = 5

function listed(labels: readonly string[]): string {
  const names = [...new Set(labels)].map((label) => JSON.stringify(label))
  return names.length > 5 ? `${names.slice(0, 5).join(', ')}, …` : names.join(', ')
}

/** A short name for the data: the file's, without its extensions. */
export const nameOf = (data: string | Examples): string => (typeof data === 'string' ? shortName(data) : 'data')
