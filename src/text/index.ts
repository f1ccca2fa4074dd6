/** Texts in, and what can be done with them before any model: `loquent/text`. */
export type { RecordRow, Records } from '../formats/records.ts'
export { type RecordFormat, type RecordOptions, readRecords } from '../formats/records.ts'
export { readLines, readText, type TextLine, type TextOptions, type TextSource } from '../formats/text-stream.ts'
export { plainText } from '../formats/wikitext.ts'
export { type LabelledData, readLabelled } from './labelled.ts'
export { characterNgrams, type NgramRange, ngrams, skipGrams } from './ngrams.ts'
export {
  collapseWhitespace,
  foldCase,
  type Normalization,
  normalize,
  removeControls,
  straightenQuotes,
  stripAccents,
} from './normalize.ts'
export { type ParallelOptions, type ParallelTexts, readParallel } from './parallel.ts'
export { type Sentence, type SentenceOptions, sentenceStream, sentences } from './segment.ts'
export { type PlacedText, readTexts, type TextsOptions, type TextUnit } from './texts.ts'
export { type WordOptions, words } from './words.ts'
