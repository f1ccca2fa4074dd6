import type { CausalLm } from '../models/causal-lm.ts'
import type { ParamArrays } from '../tensor/index.ts'
import type { Tokenizer } from '../tokenizers/tokenizer.ts'
import { Decoder } from './decoder.ts'
import { TextGenerator } from './text-generator.ts'

const SAMPLE_TOKENS = 80

/** A short text by a model that may still be learning, to see how far it is. */
export async function sampleText<Spec>(
  { lm, params, tokenizer, prompt }: { lm: CausalLm<Spec>; params: ParamArrays<Spec>; tokenizer: Tokenizer; prompt: string },
  { seed, threads }: { seed: number; threads?: number },
): Promise<string> {
  using generator = new TextGenerator(await Decoder.compile(lm, params, { threads }), tokenizer)
  const maxTokens = Math.min(SAMPLE_TOKENS, lm.contextLength - tokenizer.encode(prompt).length)
  const { text } = await generator.generate(prompt, { maxTokens, temperature: 0.8, seed })
  return prompt + text
}
