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
export { constantRate, type Schedule, warmupCosine, warmupLinear } from './schedule.ts'
export { type EncoderTrainingOptions, encoderDefaults, trainEncoder } from './train-encoder.ts'
export { type TrainedWord2Vec, trainWord2Vec, type Word2VecEvent, type Word2VecRun } from './train-word2vec.ts'
