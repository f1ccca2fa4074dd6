import { describe, expect, it } from 'vitest'
import { analyzerOf } from './analyzer.ts'
import { VECTORIZER_DEFAULTS, type VectorizerConfig } from './config.ts'
import { Tokens, unitsToText } from './tokens.ts'

function tokensOf(text: string, options: Partial<VectorizerConfig> = {}): string[] {
  const tokens = new Tokens()
  analyzerOf({ ...VECTORIZER_DEFAULTS, ...options })(text, tokens)
  return Array.from({ length: tokens.count }, (_, t) => unitsToText(tokens.units, tokens.starts[t]!, tokens.ends[t]!))
}

describe('words', () => {
  it.each([
    ['', []],
    [' \n…!? --- ', []],
    ["Don't STOP: rock'n'roll, 'quoted' 2nd x_y 3.14", ["don't", 'stop', "rock'n'roll", 'quoted', '2nd', 'x', 'y', '3', '14']],
    ['it’s it\u02bcs', ["it's", 'it\u02bcs']],
    ['cafe\u0301 café ＡＢＣ ﬁne', ['café', 'café', 'abc', 'fine']],
    ['great 😀😀 👍🏽', ['great', '😀', '😀', '👍']],
    ['中文字符 abc漢字', ['中', '文', '字', '符', 'abc', '漢', '字']],
    ['ラーメン', ['ラ', 'ー', 'メ', 'ン']],
    ['สวัสดี', ['ส', 'วั', 'ส', 'ดี']],
    ['한국어 텍스트', ['한국어', '텍스트']],
    ['שָׁלוֹם עולם، مُحَمَّد', ['שָׁלוֹם'.normalize('NFKC'), 'עולם', 'مُحَمَّد'.normalize('NFKC')]],
    ['می\u200cخواهم', ['می\u200cخواهم']],
    ['\ud800 lone', ['lone']],
    ["漢'a 漢\u0300b", ['漢', 'a', '漢\u0300', 'b']],
    ['𐐀𐐁 𠀀𠀁', ['𐐨𐐩', '𠀀', '𠀁']],
    ["a'", ['a']],
    ["'a''b", ['a', 'b']],
  ])('of %j', (text, expected) => {
    expect(tokensOf(text)).toEqual(expected)
  })

  it.each([
    ["Don't stop -- 'now'!", ["don't", 'stop', '-', '-', "'", 'now', "'", '!']],
    ['5 % of 3€ (x_y) #39;s', ['5', '%', 'of', '3', '€', '(', 'x', '_', 'y', ')', '#', '39', ';', 's']],
    ['wait… “so”', ['wait', '.', '.', '.', '“', 'so', '”']],
    ['a\0b\u0001 c\u200b', ['a', 'b', 'c']],
  ])('with punctuation, of %j', (text, expected) => {
    expect(tokensOf(text, { tokens: 'words-and-punctuation' })).toEqual(expected)
  })

  it("takes one endless word in pieces: a'a'a'…", () => {
    const tokens = tokensOf("a'".repeat(1_000_000))
    expect(tokens.length).toBeGreaterThan(1)
    expect(Math.max(...tokens.map((token) => token.length))).toBeLessThanOrEqual(256)
  })

  it.each(['a', 'é', '中', '😀', '\u0301', '\u{20000}', '𐐨'])('loses nothing of a long run of %j', (piece) => {
    const run = piece.repeat(50_000)
    expect(tokensOf(run).join('')).toBe(run)
    if (/\p{L}/u.test(piece)) expect(tokensOf(run, { tokens: 'scikit-learn' })).toEqual([run])
  })

  it('does not remember one text in the next', () => {
    const tokens = new Tokens()
    const analyzer = analyzerOf(VECTORIZER_DEFAULTS)
    analyzer('a much longer text', tokens)
    analyzer('short', tokens)
    expect([tokens.count, unitsToText(tokens.units, tokens.starts[0]!, tokens.ends[0]!)]).toEqual([1, 'short'])
  })
})
