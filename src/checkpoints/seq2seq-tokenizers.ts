/** Tokenizers of an encoder–decoder's folder, by which files there are and the class that they name. */
import { join } from 'node:path'
import { readJson } from '../models/model-config.ts'
import { listFolder } from '../tokenizers/files/find.ts'
import { loadTokenizer, readConfig } from '../tokenizers/files/load.ts'
import { readPieceTokenizer } from '../tokenizers/files/piece-files.ts'
import { PipelineTokenizer } from '../tokenizers/pipeline.ts'
import { familyOf, m2m100Tags } from './languages.ts'
import { BothTagged, type Seq2SeqTokenizers, TargetTagged, Untagged } from './tagged-texts.ts'

export type { Languages } from './languages.ts'
export type { Seq2SeqTokenizers } from './tagged-texts.ts'

/** Classes of tokenizers, by `model_type`, for folders whose tokenizer_config.json names none. */
const CLASSES: Readonly<Record<string, string>> = {
  marian: 'MarianTokenizer',
  t5: 'T5Tokenizer',
  mt5: 'T5Tokenizer',
  umt5: 'T5Tokenizer',
  bart: 'BartTokenizer',
  mbart: 'MBartTokenizer',
  m2m_100: 'M2M100Tokenizer',
}

/** @throws DataError where nothing is there, FormatError or ConfigError where a file is damaged or of a kind that is not known */
export async function loadSeq2SeqTokenizers(folder: string): Promise<Seq2SeqTokenizers> {
  const { names } = await listFolder(folder)
  const modelType = names.includes('config.json') ? await modelTypeOf(folder) : ''
  const config = await readConfig({ folder, beside: names }, CLASSES[modelType])
  const { tokenizerClass } = config
  const eos = config.tokens.eos ?? '</s>'
  const usual = ['<s>', eos, config.tokens.pad ?? '<pad>']
  if (names.includes('source.spm')) {
    const source = await readPieceTokenizer(folder, { model: 'source.spm', vocab: 'vocab.json' }, config, usual.slice(1))
    const vocab = config.flag('separate_vocabs') ? 'target_vocab.json' : 'vocab.json'
    const target = await readPieceTokenizer(folder, { model: 'target.spm', vocab }, config, usual.slice(1))
    return new TargetTagged(source, target, eos, folder)
  }
  const family = familyOf(tokenizerClass, config.flag('legacy_behaviour') ?? false)
  const defaults = { sourceLanguage: config.text('src_lang'), targetLanguage: config.text('tgt_lang') }
  if (family && tokenizerClass === 'M2M100Tokenizer' && !names.includes('tokenizer.json')) {
    const files = { model: 'sentencepiece.bpe.model', vocab: 'vocab.json' }
    const tags = m2m100Tags(config.text('language_codes') ?? 'm2m100', folder)
    const both = await readPieceTokenizer(folder, files, config, usual, tags)
    return new BothTagged(both, family, { eos, defaults, folder })
  }
  const both = await loadTokenizer(folder, { assumedClass: tokenizerClass })
  if (family && both instanceof PipelineTokenizer) return new BothTagged(both, family, { eos, defaults, folder })
  return new Untagged(both, folder)
}

async function modelTypeOf(folder: string): Promise<string> {
  const json = (await readJson(join(folder, 'config.json'))) as { model_type?: unknown } | null
  return typeof json?.model_type === 'string' && Object.hasOwn(CLASSES, json.model_type) ? json.model_type : ''
}
