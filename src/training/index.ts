/** Training: data loading, optimisers, schedules, the loop with checkpoints. */
export type { TrainingEvent } from './events.ts'
export { type Flat, flatZeros, initFlat } from './flat.ts'
export { Interrupted } from './interrupted.ts'
export {
  type LanguageModelKind,
  type LanguageModelOptions,
  type LanguageModelRun,
  type Preset,
  presets,
  type TrainedLanguageModel,
  trainLanguageModel,
} from './language-model.ts'
export { Loader, type LoaderState } from './loader.ts'
export { type Run, type Task, type Trained, type TrainingPlan, train } from './loop.ts'
export { type AdamWOptions, adamW, type Optimizer, type SgdOptions, sgd } from './optimizer.ts'
export { constantRate, inverseSquareRoot, type Schedule, warmupCosine, warmupLinear } from './schedule.ts'
export type { ScheduledSampling } from './scheduled-sampling.ts'
export { type EncoderTrainingOptions, encoderDefaults, trainEncoder } from './train-encoder.ts'
export { type Seq2SeqData, type Seq2SeqRun, type Seq2SeqTrainingOptions, seq2SeqDefaults, trainSeq2Seq } from './train-seq2seq.ts'
export { type TrainedWord2Vec, trainWord2Vec, type Word2VecEvent, type Word2VecRun } from './train-word2vec.ts'
export {
  type TrainedTranslation,
  type TranslationOptions,
  type TranslationRun,
  trainTranslationModel,
} from './translation-model.ts'
export { type TranslationKind, type TranslationPreset, type TranslationSize, translationPresets } from './translation-sizes.ts'
