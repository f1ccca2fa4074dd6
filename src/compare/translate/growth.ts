/** How the speed of an encoder–decoder changes with sentence length and batch. Its parameters are drawn: speed does not depend on them. */
import { availableParallelism } from 'node:os'
import { quantile } from '../../evaluation/quantile.ts'
import { Seq2SeqGenerator } from '../../generation/seq2seq-generator.ts'
import type { Seq2Seq } from '../../models/seq2seq.ts'
import { pairBatch, pairBatchSpecs, pairLogits, type TokenPairs } from '../../models/seq2seq-loss.ts'
import { seq2SeqWork } from '../../planner/seq2seq-work.ts'
import { countParams, crossEntropy } from '../../tensor/index.ts'
import { Random } from '../../tensor/random.ts'
import { Crew } from '../../training/crew.ts'
import { type Flat, flatZeros, initFlat } from '../../training/flat.ts'
import { Gradients } from '../../training/gradients.ts'
import { adamW } from '../../training/optimizer.ts'
import type { Tell } from '../task.ts'
import type { GrowthPoint } from './comparison.ts'
import type { GrowthPlan } from './growth-plan.ts'

const MARKS = { pad: 0, start: 1, end: 2 }

/** Every length with every batch. */
export async function measureGrowth(model: Seq2Seq, plan: GrowthPlan, tell: Tell, threads?: number): Promise<GrowthPoint[]> {
  using measure = await GrowthMeasure.compile(model, threads)
  const points: GrowthPoint[] = []
  for (const length of plan.lengths) {
    for (const batch of plan.batches) {
      const done = points.length + 1
      const of = plan.lengths.length * plan.batches.length
      tell.event({ type: 'measuring', what: `${length} tokens by ${batch}`, done, of })
      points.push(await measure.at(length, batch, plan.seconds))
    }
  }
  return points
}

/** A model compiled to be trained and to write. Holds native memory: bind it with `using`, or dispose of it. */
export class GrowthMeasure implements Disposable {
  readonly #model: Seq2Seq
  readonly #trainer: Trainer
  readonly #generator: Seq2SeqGenerator

  private constructor(model: Seq2Seq, trainer: Trainer, generator: Seq2SeqGenerator) {
    this.#model = model
    this.#trainer = trainer
    this.#generator = generator
  }

  static async compile(model: Seq2Seq, threads: number = availableParallelism()): Promise<GrowthMeasure> {
    const values = initFlat(model.spec, 1)
    const tokens = { ...MARKS, end: [MARKS.end], suppressed: [] }
    const generator = await Seq2SeqGenerator.compile(model, values.tree, tokens, { threads })
    return new GrowthMeasure(model, await Trainer.compile(model, values, threads), generator)
  }

  /**
   * @param length  tokens of each side
   * @param seconds  to spend on each of both measurements
   */
  async at(length: number, batch: number, seconds: number): Promise<GrowthPoint> {
    const pairs = randomPairs(this.#model, length, batch)
    const arrays = pairBatch(pairs, [...pairs.sources.keys()], MARKS)
    const exactly = { beams: 1, minTokens: length, maxTokens: length }
    const training = await medianSeconds(seconds, () => this.#trainer.step(arrays))
    const decoding = await medianSeconds(seconds, () => this.#generator.generate(pairs.sources, exactly))
    const work = seq2SeqWork(this.#model, { batch, source: length, target: length })
    return {
      ...{ length, batch },
      trainTokensPerSecond: (2 * batch * length) / training,
      trainGflopsPerSecond: work.trainingFlops / training / 1e9,
      trainSerialSteps: work.trainingSteps,
      decodeTokensPerSecond: (batch * length) / decoding,
      decodeGflopsPerSecond: work.decodingFlops / decoding / 1e9,
      decodeSerialSteps: work.decodingSteps,
    }
  }

  [Symbol.dispose](): void {
    this.#trainer[Symbol.dispose]()
    this.#generator[Symbol.dispose]()
  }
}

/** Sentences of so many tokens on both sides, the end of each included. */
function randomPairs({ sourceVocabSize, vocabSize }: Seq2Seq, length: number, batch: number): TokenPairs {
  const random = new Random(1, `length ${length}`)
  const sentence = (size: number, vocabulary: number) =>
    Int32Array.from({ length: size }, () => 3 + Math.floor(random.uniform() * (vocabulary - 3)))
  const of = (size: number, vocabulary: number) => Array.from({ length: batch }, () => sentence(size, vocabulary))
  return { sources: of(length, sourceVocabSize), targets: of(length - 1, vocabSize) }
}

/** Of at least one run, once it is warm. */
async function medianSeconds(enough: number, run: () => Promise<unknown>): Promise<number> {
  const times: number[] = []
  await run()
  const end = performance.now() + 1000 * enough
  do {
    const start = performance.now()
    await run()
    times.push((performance.now() - start) / 1000)
  } while (performance.now() < end)
  return quantile(times, 0.5)
}

/** Training steps as the loop takes them: gradients, then AdamW. */
class Trainer implements Disposable {
  readonly #values: Flat<any>
  readonly #gradients: Gradients<any>
  readonly #into: Flat<any>
  readonly #crew: Crew
  readonly #update: (step: number) => Promise<void>
  #step = 0

  private constructor(model: Seq2Seq, values: Flat<any>, gradients: Gradients<any>, crew: Crew) {
    this.#values = values
    this.#gradients = gradients
    this.#crew = crew
    this.#into = flatZeros(model.spec)
    const optimizer = adamW(model.spec, {})
    this.#update = (step) => optimizer.update(values, this.#into, { step, learningRate: 1e-5, gradientScale: 1, crew })
  }

  static async compile(model: Seq2Seq, values: Flat<any>, threads: number): Promise<Trainer> {
    const crew = new Crew(threads, countParams(model.spec))
    const gradients = await Gradients.compile(
      model.spec,
      pairBatchSpecs,
      (p, { labels, ...batch }, rng) => crossEntropy(pairLogits(model, p, batch, { rng }), labels),
      threads,
      crew,
    )
    return new Trainer(model, values, gradients, crew)
  }

  async step(batch: unknown): Promise<void> {
    this.#step++
    await this.#gradients.run(this.#values, batch, this.#step, this.#into)
    await this.#update(this.#step)
  }

  [Symbol.dispose](): void {
    this.#gradients[Symbol.dispose]()
    this.#crew[Symbol.dispose]()
  }
}
