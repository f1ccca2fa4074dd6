import type { AlignedText, Rewrite } from '../aligned.ts'

/** A step that makes of a text another one, before it is split. */
export interface Normalizer {
  /** The text alone. */
  plain(text: string): string
  /** The text with where each part of it comes from. */
  aligned(text: AlignedText): AlignedText
}

/** A normalizer told by how it rewrites a text, and by a shorter way to the text alone where there is one. */
export function rewriting(
  rewrite: (text: string) => Rewrite,
  plain: (text: string) => string = (text) => rewrite(text).characters.join(''),
): Normalizer {
  return { plain, aligned: (text) => text.rewritten(rewrite(text.text)) }
}

export function sequence(normalizers: readonly Normalizer[]): Normalizer {
  return {
    plain: (text) => normalizers.reduce((text, normalizer) => normalizer.plain(text), text),
    aligned: (text) => normalizers.reduce((text, normalizer) => normalizer.aligned(text), text),
  }
}
