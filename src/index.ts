/** The public face of Loquent. */
export {
  type CompareEvent,
  type CompareOptions,
  type Comparison,
  compare,
  type FailedRow,
  isMeasured,
  type MeasuredRow,
  type Row,
} from './compare/index.ts'
export { ConfigError, DataError, EngineError, FormatError, LoquentError, ProviderError, ShapeError } from './errors.ts'
export type { LanguageModel, TextLoss } from './generation/load.ts'
export type { GenerateOptions, Generation, TextPiece } from './generation/text-generator.ts'
export { type LoadedModel, type LoadOptions, loadModel } from './load.ts'
export type { Classification } from './models/classifier.ts'
