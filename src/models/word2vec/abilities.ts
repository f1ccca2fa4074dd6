import { stat } from 'node:fs/promises'
import { fileError } from '../../formats/file-error.ts'
import type { InvalidUtf8 } from '../../formats/word-text.ts'
import { isBinary } from '../../formats/word2vec.ts'
import type { KeyedVectors, WordSimilarity } from './keyed-vectors.ts'
import { isFastTextFile, loadWordVectors } from './load.ts'
import type { SimilarOptions, VectorQuery } from './query.ts'
import { embedTexts, type SentenceEmbeddingOptions, type TextEmbedding } from './sentence-embedding.ts'
import { knownWords } from './text-words.ts'
import { VectorFile } from './vector-file.ts'

/** What word vectors can do, whether they are in memory or in their file. */
export type WordVectorAbilities = AsyncDisposable & {
  /** What a user should know about how they were read. */
  notes: string[]
  /** Where they are in memory. */
  vectors?: KeyedVectors
  neighbors(query: VectorQuery & SimilarOptions): Promise<WordSimilarity[]>
  embed(texts: readonly string[], options?: SentenceEmbeddingOptions): Promise<TextEmbedding[]>
}

export function vectorAbilities(vectors: KeyedVectors): WordVectorAbilities {
  return {
    notes: [],
    vectors,
    neighbors: async (query) => vectors.mostSimilar(query),
    embed: async (texts, options) => embedTexts(vectors, texts, options),
    [Symbol.asyncDispose]: async () => undefined,
  }
}

function fileAbilities(file: VectorFile): WordVectorAbilities {
  return {
    notes: ['the vectors are larger than half of the free memory and stay in their file'],
    neighbors: (query) => file.mostSimilar(query),
    async embed(texts, options) {
      const words = texts.flatMap((text) => knownWords(text, (word) => file.has(word)).words)
      return embedTexts(await file.select(words.length > 0 ? words : file.words.slice(0, 1)), texts, options)
    },
    [Symbol.asyncDispose]: () => file.close(),
  }
}

/**
 * Opens a file of word vectors of any common layout.
 *
 * @param options.onDisk  leave the vectors of a word2vec binary in the file; by default where they would take more than half of the free memory
 */
export async function openWordVectors(
  path: string,
  { onDisk, invalidUtf8 }: { onDisk?: boolean; invalidUtf8?: InvalidUtf8 } = {},
): Promise<WordVectorAbilities> {
  const { size } = await stat(path).catch((error) => {
    throw fileError(path, error)
  })
  const large = onDisk ?? size > process.availableMemory() / 2
  const inFile = large && !(await isFastTextFile(path)) && (await isBinary(path))
  const { abilities, duplicates } = inFile ? await fromDisk(path, invalidUtf8) : await fromMemory(path, invalidUtf8)
  if (duplicates > 0) abilities.notes.push(`words given more than once, of which the first vector counts: ${duplicates}`)
  return abilities
}

async function fromDisk(path: string, invalidUtf8?: InvalidUtf8) {
  const file = await VectorFile.open(path, { invalidUtf8 })
  return { abilities: fileAbilities(file), duplicates: file.duplicates }
}

async function fromMemory(path: string, invalidUtf8?: InvalidUtf8) {
  const { vectors, duplicates } = await loadWordVectors(path, { invalidUtf8 })
  return { abilities: vectorAbilities(vectors), duplicates }
}
