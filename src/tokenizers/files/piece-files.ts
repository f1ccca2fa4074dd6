/** SentencePiece models beside a vocab.json that numbers their pieces: the files of Marian and of M2M-100. */
import { join } from 'node:path'
import { FormatError } from '../../errors.ts'
import { readWhole, readWholeJson } from '../../formats/whole-file.ts'
import { readVocab } from './byte-level.ts'
import { addedTokensOf, type TokenizerConfig } from './config.ts'
import { PieceTokenizer } from './piece-vocabulary.ts'
import { addedToken } from './schema.ts'
import { readSentencePiece } from './sentencepiece-model.ts'

/** Which of a folder's files are the SentencePiece model, and its vocabulary. */
type Files = { model: string; vocab: string }

/**
 * @param usual  special tokens that need no naming where the vocabulary has them
 * @param behind  special tokens whose ids follow those of the vocabulary
 * @throws DataError where a file is missing; FormatError where one is damaged, or the vocabulary lacks what it must have
 */
export async function readPieceTokenizer(
  folder: string,
  files: Files,
  config: TokenizerConfig,
  usual: readonly string[],
  behind: readonly string[] = [],
): Promise<PieceTokenizer> {
  const place = join(folder, files.vocab)
  const vocab = readVocab(await readWholeJson(place), place)
  const path = join(folder, files.model)
  const model = readSentencePiece(await readWhole(path), path)
  const { unk: unknown = '<unk>' } = config.tokens
  if (!vocab.has(unknown)) {
    throw new FormatError({ place, rule: 'the vocabulary has a token for what is unknown', got: `no ${unknown}` })
  }
  const added = addedTokensOf(vocab, config, folder, [unknown, ...usual])
  const known = new Set(added.map(({ content }) => content))
  const next = vocab.size
  const more = behind.map((token, i) => addedToken(next + i, token)).filter(({ content }) => !known.has(content))
  return new PieceTokenizer({ model, vocab, unknown, added: [...added, ...more], place })
}
