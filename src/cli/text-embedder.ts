/** What turns texts into vectors for an index: a model, or nothing where texts are searched by words. */
import { ability, noteOf } from './text-model.ts'

export type Embed = (texts: readonly string[]) => Promise<Float32Array[]>

/** The name that stands for a model where there is none. */
const BM25 = 'bm25'

export async function embedderOf(
  reference: string,
  options: { threads?: number },
): Promise<AsyncDisposable & { embed: Embed | undefined }> {
  if (reference === BM25) return { embed: undefined, [Symbol.asyncDispose]: async () => undefined }
  const { loadModel } = await import('../load.ts')
  const model = await loadModel(reference, options)
  const embed = ability(model, 'embed')
  noteOf(model)
  return {
    embed: async (texts) => (await embed(texts)).map(({ embedding }) => embedding),
    [Symbol.asyncDispose]: () => model[Symbol.asyncDispose](),
  }
}
