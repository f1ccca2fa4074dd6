/** The public face of Loquent. */
export {
  type CompareEvent,
  type CompareOptions,
  type CompareTranslationOptions,
  type Comparison,
  compare,
  type FailedRow,
  type GrowthPoint,
  isMeasured,
  type MeasuredRow,
  type Row,
  type TranslateComparison,
  type TranslateRow,
} from './compare/index.ts'
export { ConfigError, DataError, EngineError, FormatError, LoquentError, ProviderError, ShapeError } from './errors.ts'
export { type Bleu, type BleuOptions, bleu, corpusBleu, sentenceBleu } from './evaluation/bleu.ts'
export { byLength, type LengthScore } from './evaluation/by-length.ts'
export { type Chrf, type ChrfOptions, chrf, corpusChrf, sentenceChrf } from './evaluation/chrf.ts'
export {
  type CorpusMetric,
  type CorpusStatistics,
  corpusStatistics,
  type PairedTest,
  pairedBootstrapTest,
  scoreInterval,
  scoreOf,
} from './evaluation/corpus-metric.ts'
export { exactMatches } from './evaluation/exact-match.ts'
export type { AttentionKind, AttentionMap } from './explain/attention-map.ts'
export { type Explainer, type ExplainOptions, openExplainer } from './explain/open.ts'
export { writeCounts, writeVectors } from './formats/word2vec-write.ts'
export type { LanguageModel, TextLoss } from './generation/load.ts'
export type { GenerateOptions, Generation, TextPiece } from './generation/text-generator.ts'
export type { TargetLoss, TranslateOptions, Translation } from './generation/translator.ts'
export { type LoadedModel, type LoadOptions, loadModel } from './load.ts'
export type { Classification } from './models/classifier.ts'
export {
  type Analogy,
  type AnalogyScore,
  type AnalogySection,
  evaluateAnalogies,
  evaluateWordPairs,
  readAnalogies,
  readWordPairs,
  type WordPairScore,
} from './models/word2vec/analogies.ts'
export { KeyedVectors, type WordSimilarity } from './models/word2vec/keyed-vectors.ts'
export { type LoadedVectors, loadWordVectors, type WordVectorOptions } from './models/word2vec/load.ts'
export type { CosmulQuery, Query, SimilarOptions, VectorQuery } from './models/word2vec/query.ts'
export { embedTexts, SentenceEmbedder, type TextEmbedding, type Weighting } from './models/word2vec/sentence-embedding.ts'
export { VectorFile } from './models/word2vec/vector-file.ts'
export { type HeatMap, heatMapSvg } from './report/heat-map.ts'
export { loadVectorIndex, saveVectorIndex } from './search/index-file.ts'
export { type TextEntry, type TextHit, TextIndex } from './search/text-index.ts'
export { loadTextIndex, saveTextIndex } from './search/text-index-folder.ts'
export { MatrixSearch, type Neighbors, topK, topKBatch, unitRows } from './search/top-k.ts'
export { type Neighbor, VectorIndex, type VectorIndexOptions } from './search/vector-index.ts'
export { type ChatMessage, type ChatTemplateOptions, ChatTemplates } from './tokenizers/chat-template.ts'
export { loadChatTemplates } from './tokenizers/files/chat-templates.ts'
export { loadTokenizer } from './tokenizers/files/load.ts'
export { saveTokenizer } from './tokenizers/files/save.ts'
