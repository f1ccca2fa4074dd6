/**
 * How BLEU cuts a line into words: the tokenisers of SacreBLEU (Post 2018, "A Call for Clarity in Reporting BLEU Scores"), line by line
 * what its version 2.6 does, oddities included, so that scores can be compared with published ones.
 */
import { ConfigError } from '../errors.ts'
import { isSpace, splitWords, stripEnd, stripStart } from './words.ts'

/** The line-to-words functions, by the name that a signature gives them. */
const TOKENIZERS = {
  '13a': (line: string) => splitWords(western(` ${unescaped(line)} `)),
  none: splitWords,
  intl: (line: string) => splitWords(international(line)),
  zh: (line: string) => splitWords(western(spacedChinese(stripStart(line)))),
  char: (line: string) => Array.from(line).filter((char) => !isSpace(char)),
}

export type BleuTokenizer = keyof typeof TOKENIZERS

/** @throws ConfigError for a name that is not known, or a tokeniser of SacreBLEU that needs a model of its own */
export function bleuTokenizer(name: string): (line: string) => string[] {
  if (!Object.hasOwn(TOKENIZERS, name)) throw unknownTokenizer(name)
  const tokenize = TOKENIZERS[name as BleuTokenizer]
  return (line) => tokenize(stripEnd(line))
}

const WITH_A_MODEL = ['ja-mecab', 'ko-mecab', 'spm', 'flores101', 'flores200', 'spBLEU-1K']

function unknownTokenizer(name: string): ConfigError {
  const names = Object.keys(TOKENIZERS).join(', ')
  const needsModel = WITH_A_MODEL.includes(name)
  return new ConfigError({
    place: 'BLEU',
    rule: `tokenize must be one of ${names}`,
    got: needsModel ? `${name}, which needs a dictionary or a model that is not part of Loquent` : JSON.stringify(name),
    hint: needsModel ? 'char for a language without spaces, or chrF, which needs no words' : '13a, or zh for Chinese',
  })
}

/** mteval-v13a: hyphens at line ends and four entities undone. */
function unescaped(line: string): string {
  const joined = line.replaceAll('<skipped>', '').replaceAll('-\n', '').replaceAll('\n', ' ')
  if (!joined.includes('&')) return joined
  // one after the other, so that `&amp;lt;` becomes `<`, as there
  return joined.replaceAll('&quot;', '"').replaceAll('&amp;', '&').replaceAll('&lt;', '<').replaceAll('&gt;', '>')
}

/** ASCII punctuation stands alone, but for the apostrophe and the hyphen; a period or comma between digits stays in its number. */
const western = (line: string) =>
  line
    .replace(/[{-~[-` -&(-+:-@/]/g, ' $& ')
    .replace(/([^0-9])([.,])/gu, '$1 $2 ')
    .replace(/([.,])([^0-9])/gu, ' $1 $2')
    .replace(/([0-9])(-)/g, '$1 $2 ')

/** mteval-v14 with its option for other scripts: Unicode's punctuation and symbols stand alone. */
const international = (line: string) =>
  line
    .replace(/(\P{N})(\p{P})/gu, '$1 $2 ')
    .replace(/(\p{P})(\P{N})/gu, ' $1 $2')
    .replace(/\p{S}/gu, ' $& ')

/**
 * What counts as a Chinese character. U+2001–2A6D and U+2F81–2FA1 are meant as U+20000–2A6D6 and U+2F800–2FA1D: the first reach from
 * dashes and quotation marks to mathematical signs, and every published score has them so.
 */
const CHINESE =
  /[\u3400-\u4DB5\u4E00-\u9FBB\uF900-\uFA2D\uFA30-\uFA6A\uFA70-\uFAD9\u2001-\u2A6D\u2F81-\u2FA1\uFF00-\uFFEF\u2E80-\u2EFF\u3000-\u303F\u31C0-\u31EF\u2F00-\u2FDF\u2FF0-\u2FFF\u3100-\u312F\u31A0-\u31BF\uFE10-\uFE1F\uFE30-\uFE4F\u3200-\u33FF]/g

const spacedChinese = (line: string) => line.replace(CHINESE, ' $& ')
