/** The cleaning of BERT's basic tokenizer: control characters, white space, ideographs, accents, case. */
import { byCharacter, type Rewrite } from '../aligned.ts'
import { isControl, isIdeograph, isNonspacing, isWhitespace, lowerCase } from '../characters.ts'
import { type Normalizer, rewriting, sequence } from './normalizer.ts'
import { removing } from './simple.ts'
import { unicodeForm } from './unicode.ts'

export type BertOptions = {
  clean_text: boolean
  handle_chinese_chars: boolean
  strip_accents: boolean | null
  lowercase: boolean
}

export function bertNormalizer({ clean_text, handle_chinese_chars, strip_accents, lowercase }: BertOptions): Normalizer {
  const steps: Normalizer[] = []
  if (clean_text)
    steps.push(
      removing(isControl),
      rewriting((text) => byCharacter(text, (c) => (isWhitespace(c) ? ' ' : c))),
    )
  if (handle_chinese_chars) steps.push(rewriting(spacedIdeographs))
  if (strip_accents ?? lowercase) steps.push(unicodeForm('NFD'), removing(isNonspacing))
  if (lowercase) steps.push(rewriting((text) => byCharacter(text, lowerCase), lowerCase))
  return sequence(steps)
}

function spacedIdeographs(text: string): Rewrite {
  const characters: string[] = []
  const from: number[] = []
  let at = 0
  for (const character of text) {
    const end = at + character.length
    if (isIdeograph(character)) {
      characters.push(' ', character, ' ')
      from.push(at, at, at)
    } else {
      characters.push(character)
      from.push(at)
    }
    at = end
  }
  return { characters, from }
}
