import type { Seq2Seq } from '../models/seq2seq.ts'
import type { PairMarks } from '../models/seq2seq-loss.ts'
import type { ParamArrays } from '../tensor/index.ts'
import type { Tokenizer } from '../tokenizers/tokenizer.ts'
import { Seq2SeqGenerator } from './seq2seq-generator.ts'

type Learning = {
  model: Seq2Seq
  params: ParamArrays<any>
  marks: PairMarks
  tokenizer: Tokenizer
  sources: readonly string[]
}

/** More than a source of a sentence asks for; a model that has learnt little does not end by itself. */
const SAMPLE_TOKENS = 40

/** Translations by a model that may still be learning, to see how far it is: a line a text. */
export async function sampleTranslations(
  { model, params, marks: { start, end, pad }, tokenizer, sources }: Learning,
  { threads }: { threads?: number },
): Promise<string> {
  const special = { start, end: [end], pad, suppressed: [] }
  using generator = await Seq2SeqGenerator.compile(model, params, special, { threads })
  const maxTokens = Math.min(SAMPLE_TOKENS, model.maxTargetLength - 1)
  const ids = sources.map((text) => Int32Array.of(...tokenizer.encode(text), end))
  const found = await generator.generate(ids, { beams: 1, maxTokens })
  return sources.map((text, i) => `${text} → ${tokenizer.decode(found[i][0].ids)}`).join('\n')
}
