/** Tokenizers from any file: each format becomes a tokenizer.json, and that a tokenizer. */
import { basename, join } from 'node:path'
import { readGguf } from '../../formats/gguf.ts'
import { readWhole, readWholeJson, readWholeText } from '../../formats/whole-file.ts'
import { tokenizerFromJSON } from '../load.ts'
import type { Tokenizer } from '../tokenizer.ts'
import { byteLevelJson } from './byte-level.ts'
import { type TokenizerConfig, tokenizerConfig } from './config.ts'
import { findTokenizer, type TokenizerFile, type TokenizerFormat } from './find.ts'
import { ggufJson } from './gguf.ts'
import { sentencePieceJson } from './sentencepiece.ts'
import { readSentencePiece } from './sentencepiece-model.ts'
import { tiktokenJson } from './tiktoken.ts'
import { wordPieceJson } from './wordpiece.ts'

/**
 * The tokenizer of a folder, or of one file: tokenizer.json, vocab.json beside its merges.txt, vocab.txt, a SentencePiece .model, a
 * rank file of tiktoken, or a GGUF model.
 *
 * In a folder tokenizer.json comes first. How text becomes ids is then its word alone: where tokenizer_config.json says something
 * else (another case, another token in front), the tokenizer.json is right. Every other format is completed from tokenizer_config.json,
 * special_tokens_map.json and added_tokens.json.
 *
 * @param options.assumedClass  `tokenizer_class` where no file names one
 * @throws DataError where nothing is there, FormatError where a file is damaged, ConfigError where it is of a kind that is not known
 */
export async function loadTokenizer(path: string, { assumedClass }: { assumedClass?: string } = {}): Promise<Tokenizer> {
  const file = await findTokenizer(path)
  return tokenizerFromJSON(await READERS[file.format](file, assumedClass), file.path)
}

/** What tokenizer.json says, or would say. @throws as loadTokenizer */
export async function readTokenizerJson(path: string): Promise<unknown> {
  const file = await findTokenizer(path)
  return READERS[file.format](file)
}

const READERS: Readonly<Record<TokenizerFormat, (file: TokenizerFile, assumedClass?: string) => Promise<unknown>>> = {
  'tokenizer.json': ({ path }) => readWholeJson(path),
  'vocab.json': async (file, assumedClass) => {
    const merges = await readWholeText(join(file.folder, 'merges.txt'))
    return byteLevelJson(await readWholeJson(file.path), merges, await readConfig(file, assumedClass), file.folder)
  },
  'vocab.txt': async (file) => wordPieceJson(await readWholeText(file.path), await readConfig(file), file.path),
  sentencepiece: async (file, assumedClass) =>
    sentencePieceJson(readSentencePiece(await readWhole(file.path), file.path), await readConfig(file, assumedClass), file.path),
  tiktoken: async ({ path }) => tiktokenJson(await readWholeText(path), basename(path, '.tiktoken'), path),
  gguf: async ({ path }) => {
    const { metadata } = await readGguf(path)
    return ggufJson(metadata, path)
  },
}

/** The files beside a vocabulary that say what it leaves open. */
export async function readConfig(
  { folder, beside }: Pick<TokenizerFile, 'folder' | 'beside'>,
  assumedClass?: string,
): Promise<TokenizerConfig> {
  const read = (name: string) => (beside.includes(name) ? readWholeJson(join(folder, name)) : undefined)
  const [config, specialTokensMap, addedTokens] = await Promise.all(
    ['tokenizer_config.json', 'special_tokens_map.json', 'added_tokens.json'].map(read),
  )
  const found = tokenizerConfig({ config, specialTokensMap, addedTokens, place: folder })
  return { ...found, tokenizerClass: found.tokenizerClass ?? assumedClass }
}
