export { type EncoderArrays, EncoderClassifier, type EncoderOptions } from './classifier.ts'
export type { EncoderConfig } from './config.ts'
export { type Encoder, encoder, encoderLoss, encoderSpec } from './model.ts'
export { loadEncoder, saveEncoder, writeEncoder } from './weights.ts'
