/** Which options of `train` each architecture takes. */
import { ConfigError } from '../errors.ts'
import { flag } from './options.ts'
import { BAG_OF_WORDS_OPTIONS } from './train-bag-of-words.ts'
import { TRANSLATION_OPTIONS } from './train-translation.ts'
import { WORD2VEC_OPTIONS } from './train-word2vec.ts'

const RUN = ['out', 'resume', 'seed', 'threads', 'json']
const LABELLED = ['text', 'label', 'encoding']
const STEPS = ['steps', 'batch', 'lr']
const TEXT = ['tokenizer', 'validation', 'encoding']
const LANGUAGE_MODEL = [...RUN, ...STEPS, ...TEXT, 'preset', 'context', 'dropout', 'minutes']
const TRANSLATION = [...RUN, ...TRANSLATION_OPTIONS]

const TAKES: Readonly<Record<string, readonly string[]>> = {
  gpt: LANGUAGE_MODEL,
  llama: LANGUAGE_MODEL,
  'rnn-lm': LANGUAGE_MODEL,
  ngram: [...RUN, ...TEXT, 'order'],
  rnn: TRANSLATION.filter((name) => name !== 'attention'),
  'rnn-attention': TRANSLATION,
  transformer: TRANSLATION.filter((name) => !['attention', 'cell', 'scheduledSampling'].includes(name)),
  word2vec: [...RUN, 'text', 'encoding', 'epochs', 'lr', ...WORD2VEC_OPTIONS],
  'bag-of-words': [...RUN, ...LABELLED, ...BAG_OF_WORDS_OPTIONS['bag-of-words']],
  'naive-bayes': [...RUN, ...LABELLED, ...BAG_OF_WORDS_OPTIONS['naive-bayes']],
  svm: [...RUN, ...LABELLED, ...BAG_OF_WORDS_OPTIONS.svm],
}

/** Of all other architectures: they label texts. */
const CLASSIFIER = [...RUN, ...LABELLED, ...STEPS, 'epochs']

/** @throws ConfigError for an option that this architecture would ignore */
export function refuseForeign(architecture: string, options: object): void {
  const takes = Object.hasOwn(TAKES, architecture) ? TAKES[architecture] : CLASSIFIER
  const foreign = Object.keys(options).filter((name) => !takes.includes(name))
  if (foreign.length === 0) return
  const flags = (names: readonly string[]) => names.map(flag).join(', ')
  throw new ConfigError({ place: `train ${architecture}`, rule: `takes ${flags(takes)}`, got: flags(foreign) })
}
