import { stripAccents } from './accents.ts'
import { characterRule, SPACE } from './characters.ts'
import type { VectorizerConfig } from './config.ts'
import { scanCharacters, scanPattern, scanWords } from './scan.ts'
import type { Tokens } from './tokens.ts'

/** Puts the words of a text, or its characters, into `tokens`. */
export type Analyzer = (text: string, tokens: Tokens) => void

const NOT_ASCII = /[^\0-\x7f]/

export function analyzerOf(config: VectorizerConfig): Analyzer {
  const { analyzer, tokens: rule } = config
  if (analyzer === 'char') {
    const prepare = preparation(config)
    return (text, tokens) => scanCharacters([prepare(text).replace(SPACES, ' ')], tokens)
  }
  if (analyzer === 'char_wb') {
    const prepare = preparation(config)
    return (text, tokens) => scanCharacters(paddedWords(prepare(text)), tokens)
  }
  if (rule instanceof RegExp) {
    const prepare = preparation(config)
    const pattern = new RegExp(rule.source, rule.flags.includes('g') ? rule.flags : `${rule.flags}g`)
    return (text, tokens) => scanPattern(prepare(text), pattern, tokens)
  }
  const prepare = preparation(config)
  const prepared = characterRule(rule, false)
  const ascii = characterRule(rule, config.lowercase) // which has the lower case in its table
  return (text, tokens) => (NOT_ASCII.test(text) ? scanWords(prepare(text), prepared, tokens) : scanWords(text, ascii, tokens))
}

/** Normal form (where Loquent's own words are looked for), lower case, accents: in this order. */
function preparation({ analyzer, tokens, lowercase, stripAccents: way }: VectorizerConfig): (text: string) => string {
  const normalise = analyzer === 'word' && (tokens === 'words' || tokens === 'words-and-punctuation')
  return (text) => {
    const normal = normalise ? text.normalize('NFKC') : text
    const lower = lowercase ? normal.toLowerCase() : normal
    return way === 'none' || !NOT_ASCII.test(lower) ? lower : stripAccents(lower, way)
  }
}

/** Two spaces or more; a single one of any kind stays what it is, as in scikit-learn. */
const SPACES = new RegExp(`${SPACE}{2,}`, 'g')
const WORD_BREAKS = new RegExp(`${SPACE}+`)

const paddedWords = (text: string) => text.split(WORD_BREAKS).flatMap((word) => (word === '' ? [] : [` ${word} `]))
