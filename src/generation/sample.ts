import type { CausalCheckpoint } from '../checkpoints/causal-lm.ts'
import type { Tokenizer } from '../tokenizers/tokenizer.ts'
import { readerOf } from './load.ts'
import { TextGenerator } from './text-generator.ts'

const SAMPLE_TOKENS = 80

/** A short text by a model that may still be learning, to see how far it is. */
export async function sampleText(
  { tokenizer, prompt, ...model }: Pick<CausalCheckpoint, 'lm' | 'config' | 'params'> & { tokenizer: Tokenizer; prompt: string },
  { seed, threads }: { seed: number; threads?: number },
): Promise<string> {
  using generator = new TextGenerator(await readerOf(model, threads), tokenizer)
  const maxTokens = Math.min(SAMPLE_TOKENS, model.lm.contextLength - tokenizer.encode(prompt).length)
  const { text } = await generator.generate(prompt, { maxTokens, temperature: 0.8, seed })
  return prompt + text
}
