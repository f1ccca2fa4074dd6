import { type NdArray, zeros } from '../../tensor/ndarray.ts'

/** Texts as the encoder takes them: padded to the longest of the batch. */
export type TextBatch = {
  /** i32 [B, T] */
  ids: NdArray
  /** bool [B, T], true where a token is real */
  mask: NdArray
}

/** Pads token ids side by side. A text without tokens is all padding. */
export function padded(texts: readonly Int32Array[], padId: number): TextBatch {
  const T = Math.max(1, ...texts.map(({ length }) => length))
  const shape = [texts.length, T]
  const ids = zeros(shape, 'i32')
  const mask = zeros(shape, 'bool')
  if (padId !== 0) ids.data.fill(padId)
  for (const [i, text] of texts.entries()) {
    ids.data.set(text, i * T)
    mask.data.fill(1, i * T, i * T + text.length)
  }
  return { ids, mask }
}
