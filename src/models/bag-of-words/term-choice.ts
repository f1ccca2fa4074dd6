import { ConfigError, DataError } from '../../errors.ts'
import type { VectorizerConfig } from './config.ts'
import type { RowBuilder } from './sparse-rows.ts'
import type { Vocabulary } from './vocabulary.ts'

/**
 * The terms that get a column, in order: those in enough texts and not in too many, of these the most frequent.
 *
 * @param frequencies  in how many texts each node occurs
 * @returns  nodes
 * @throws DataError where none is left
 */
export function chooseTerms(
  vocabulary: Vocabulary,
  rows: RowBuilder,
  frequencies: Int32Array,
  config: VectorizerConfig,
): Int32Array {
  const texts = rows.rows
  const { minDocumentFrequency: min, maxDocumentFrequency: max, maxFeatures } = config
  const least = Math.max(1, min < 1 ? min * texts : min)
  const most = max <= 1 ? max * texts : max
  if (texts > 0 && most < least) {
    throw new ConfigError({
      place: 'bag-of-words',
      rule: 'maxDocumentFrequency must not be below minDocumentFrequency',
      got: `${max} and ${min} of ${texts} texts: at most ${most}, at least ${least}`,
    })
  }
  const common = vocabulary.ordered().filter((node) => frequencies[node]! >= least && frequencies[node]! <= most)
  if (common.length === 0) throw noTerms(texts, config)
  if (maxFeatures === undefined || common.length <= maxFeatures) return common

  const totals = rows.totals(vocabulary.seen)
  const places = Int32Array.from(common, (_, place) => place)
  places.sort((a, b) => totals[common[b]!]! - totals[common[a]!]! || a - b)
  return places
    .subarray(0, maxFeatures)
    .sort()
    .map((place) => common[place]!)
}

function noTerms(texts: number, { ngramRange, analyzer, minDocumentFrequency, maxDocumentFrequency }: VectorizerConfig) {
  const unit = analyzer === 'word' ? 'words' : 'characters'
  const limits = `minDocumentFrequency = ${minDocumentFrequency}, maxDocumentFrequency = ${maxDocumentFrequency}`
  return new DataError({
    place: 'bag-of-words',
    rule: `no term of ${ngramRange[0]} to ${ngramRange[1]} ${unit} occurs in enough of the training texts and not in too many`,
    got: `${texts} texts, ${limits}`,
    hint: 'check that the text column is the right one, or lower minDocumentFrequency',
  })
}
