import { describe, expect, it } from 'vitest'
import { words } from './words.ts'

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
  ])('of %j', (text, expected) => {
    expect(words(text)).toEqual(expected)
  })

  it("does not run out of stack on one endless word: a'a'a'…", () => {
    expect(words("a'".repeat(6_000_000)).length).toBeGreaterThan(1)
  })

  it.each(['a', 'é', '中', '😀', '\u0301', '\u{20000}'])('loses nothing of a long run of %j', (piece) => {
    const run = piece.repeat(50_000)
    expect(words(run).join('')).toBe(run)
  })
})
