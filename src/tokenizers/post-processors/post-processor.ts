import type { Encoding } from '../encoding.ts'

/** What becomes of one or two encoded texts before they are put together. */
export interface PostProcessor {
  /** How many tokens it adds to one text, or to a pair. */
  added(isPair: boolean): number
  /**
   * @param texts  one or two, or what an earlier processor made of them
   * @param originals  what the offsets count in
   */
  process(texts: readonly Encoding[], addSpecialTokens: boolean, originals: readonly string[]): Encoding[]
}
