/** What a training tells while it runs. */
export type TrainingEvent =
  | { type: 'texts cut'; part: 'training' | 'test'; texts: number; of: number; read: number }
  | {
      type: 'pairs left out'
      why: 'blank' | 'too long'
      place: string
      pairs: number
      of: number
      firstLines: readonly number[]
      maxLength?: number
    }
  | { type: 'model'; parameters: number; vocabSize: number; pairs: number; validationPairs: number }
  | { type: 'damaged checkpoint'; folder: string; reason: string }
  | { type: 'resumed'; step: number; steps: number }
  | {
      type: 'step'
      step: number
      steps: number
      loss: number
      learningRate: number
      gradientNorm: number
      examplesPerSecond: number
      etaSeconds: number
    }
  | { type: 'evaluation'; step: number; steps: number; metrics: Readonly<Record<string, number>>; best: boolean }
  | { type: 'sample'; text: string }
  | { type: 'checkpoint'; step: number; steps: number; folder: string }
  | { type: 'stopped early'; step: number; steps: number; bestStep: number }
