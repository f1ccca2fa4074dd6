/** The tokenizer that both sides of a translation model share. */
import { ConfigError } from '../errors.ts'
import type { PairMarks } from '../models/seq2seq-loss.ts'
import type { ParallelTexts } from '../text/parallel.ts'
import { words } from '../text/words.ts'
import { loadTokenizer } from '../tokenizers/files/load.ts'
import { PipelineTokenizer } from '../tokenizers/pipeline.ts'
import { trainTokenizer } from '../tokenizers/trainers/train.ts'

export type SharedTokenizer = { tokenizer: PipelineTokenizer; marks: PairMarks }

const [PAD, START, END] = ['<pad>', '<s>', '</s>']

/** Most tokens, and fewest, that are asked for where no number is given. */
const [LARGEST, SMALLEST] = [8000, 500]
/** A token of a small vocabulary should occur about so often. */
const WORDS_PER_TOKEN = 12
/** As many pairs tell how long texts are. */
const PAIRS_COUNTED = 2000

/**
 * Trains one byte-pair encoding on both sides together (Sennrich et al. 2016). Its letters are bytes, so that it can spell any text and
 * no token is unknown. A word has the same tokens at the beginning of a text as elsewhere.
 */
export async function trainSharedTokenizer(
  { sources, targets }: Pick<ParallelTexts, 'sources' | 'targets'>,
  { vocabSize = vocabSizeFor(sources, targets), signal }: { vocabSize?: number; signal?: AbortSignal } = {},
): Promise<SharedTokenizer> {
  const byteLevel = { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true }
  const strip = { type: 'Strip', content: ' ', start: 1, stop: 0 }
  const text = { Sequence: { id: 'A', type_id: 0 } }
  const end = { SpecialToken: { id: END, type_id: 0 } }
  const json = await trainTokenizer([...sources, ...targets], {
    model: 'bpe',
    vocabSize,
    minFrequency: 2,
    specialTokens: [PAD, START, END],
    pipeline: {
      pre_tokenizer: byteLevel,
      post_processor: {
        type: 'TemplateProcessing',
        single: [text, end],
        pair: [text, end, { Sequence: { id: 'B', type_id: 0 } }, end],
        special_tokens: { [END]: { id: END, ids: [2], tokens: [END] } },
      },
      decoder: { type: 'Sequence', decoders: [byteLevel, strip] },
    },
    signal,
  })
  return { tokenizer: PipelineTokenizer.fromJSON(json, 'trained tokenizer'), marks: { pad: 0, start: 1, end: 2 } }
}

function vocabSizeFor(sources: readonly string[], targets: readonly string[]): number {
  const counted = Math.min(PAIRS_COUNTED, sources.length)
  let length = 0
  for (let i = 0; i < counted; i++) length += words(sources[i]).length + words(targets[i]).length
  const all = (length * sources.length) / counted
  return Math.round(Math.min(LARGEST, Math.max(SMALLEST, all / WORDS_PER_TOKEN)))
}

const ENDS = [END, '<eos>', '[SEP]', '<|endoftext|>']
/** Spellings of the tokens with a meaning, best first; what has no token to start from starts from the end, as BART does. */
const SPELLINGS: Record<keyof PairMarks, readonly string[]> = {
  pad: [PAD, '[PAD]'],
  start: [START, '<bos>', '[CLS]', '<|startoftext|>', ...ENDS],
  end: ENDS,
}

/** Reads a tokenizer from a folder or a file. @throws ConfigError where it has no tokens for padding and for the end of a text */
export async function loadSharedTokenizer(path: string): Promise<SharedTokenizer> {
  const tokenizer = await loadTokenizer(path)
  const added = tokenizer instanceof PipelineTokenizer ? tokenizer.addedTokens : []
  const ids = new Map(added.map(({ content, id }) => [content, id]))
  const idOf = (mark: keyof PairMarks) => {
    const id = SPELLINGS[mark].map((token) => ids.get(token)).find((found) => found !== undefined)
    if (id !== undefined) return id
    throw new ConfigError({
      place: path,
      rule: `the tokenizer of a translation model has a token for the ${mark} of a text: ${SPELLINGS[mark].join(', ')}`,
      got: ids.size > 0 ? [...ids.keys()].slice(0, 20).join(', ') : 'no added tokens',
      hint: 'leave out --tokenizer, and one is trained on the texts',
    })
  }
  return { tokenizer: tokenizer as PipelineTokenizer, marks: { pad: idOf('pad'), start: idOf('start'), end: idOf('end') } }
}
