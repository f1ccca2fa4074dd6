import { ConfigError, DataError } from '../errors.ts'

/** The most probable label of a text, and the probability of every label. */
export type Classification = {
  label: string
  scores: Record<string, number>
  /** Where the text is longer than the model reads: how many tokens it has, and how many of them, from its beginning, were read. */
  cut?: { tokens: number; read: number }
}

/**
 * What every model that assigns one of several labels can do. A model that holds native memory is disposable too.
 */
export interface Classifier extends Partial<AsyncDisposable> {
  /** Every label the model can give, sorted. */
  readonly labels: readonly string[]
  /** One answer for each text, in order. */
  classify(texts: readonly string[]): Promise<Classification[]> | Classification[]
}

/**
 * Each text's label as an index into the sorted distinct labels.
 *
 * @throws DataError where texts and labels do not pair, or there are fewer than two distinct labels
 */
export function indexLabels(texts: readonly string[], truth: readonly string[]): { labels: string[]; targets: Int32Array } {
  if (texts.length !== truth.length) {
    throw new DataError({
      place: 'training data',
      rule: 'needs one label for each text',
      got: `${texts.length} texts, ${truth.length} labels`,
    })
  }
  const labels = [...new Set(truth)].sort()
  if (labels.length < 2) {
    throw new DataError({
      place: 'training data',
      rule: 'a classifier needs examples of at least two labels',
      got: labels.length === 0 ? 'no examples' : `${texts.length} examples, all labelled ${JSON.stringify(labels[0])}`,
      hint: 'check that the label column is the right one',
    })
  }
  const index = new Map(labels.map((label, i) => [label, i]))
  return { labels, targets: Int32Array.from(truth, (label) => index.get(label)!) }
}

/** The answer for one text, from the probabilities of `labels`. The first of equally probable labels wins. */
export function classification(labels: readonly string[], probabilities: ArrayLike<number>): Classification {
  let best = 0
  for (let k = 1; k < labels.length; k++) if (probabilities[k]! > probabilities[best]!) best = k
  // fromEntries defines own properties, so a label named __proto__ is a key like any other
  return { label: labels[best]!, scores: Object.fromEntries(labels.map((label, k) => [label, probabilities[k]!])) }
}

/** `id2label` and `label2id`, as the config.json of a Hugging Face sequence classifier names them. */
export function labelMaps(labels: readonly string[]) {
  return {
    id2label: Object.fromEntries(labels.map((label, id) => [String(id), label])),
    label2id: Object.fromEntries(labels.map((label, id) => [label, id])),
  }
}

/**
 * Labels in the order of their ids, from the `id2label` of a config.json.
 *
 * @throws ConfigError unless its keys are 0 … n - 1 and its values at least two distinct strings
 */
export function labelsOf(id2label: Readonly<Record<string, string>>, place: string): string[] {
  const size = Object.keys(id2label).length
  const labels = Array.from({ length: size }, (_, id) => (Object.hasOwn(id2label, id) ? id2label[id] : undefined))
  if (size >= 2 && labels.every((label) => typeof label === 'string') && new Set(labels).size === size) return labels as string[]
  throw new ConfigError({
    place,
    rule: 'id2label must name at least two distinct labels under the keys "0", "1", …',
    got: JSON.stringify(id2label).slice(0, 200),
  })
}
