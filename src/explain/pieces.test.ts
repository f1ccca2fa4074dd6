import { describe, expect, it } from 'vitest'
import { ByteTokenizer } from '../tokenizers/byte.ts'
import { tokenizerFromJSON } from '../tokenizers/load.ts'
import { trainTokenizer } from '../tokenizers/trainers/train.ts'
import { piecesOf } from './pieces.ts'

const TEXTS = ['the cat sat on the mat', 'the cat and the dog', 'Über den Wolken']

describe('pieces of a text', () => {
  it('are what byte-level tokens cover of it, parts of a character counted', async () => {
    const json = await trainTokenizer(TEXTS, { model: 'bpe', vocabSize: 280 })
    const tokenizer = tokenizerFromJSON(json, 'test')
    const { labels } = piecesOf(tokenizer, tokenizer.encode('the cat 🎉'), 'the cat 🎉')
    expect(labels.filter((label) => !label.includes('/')).join('')).toBe('the cat ')
    expect(labels.slice(-4)).toEqual(['🎉 1/4', '🎉 2/4', '🎉 3/4', '🎉 4/4'])
  })

  it('show words that the vocabulary lacks, and name the tokens around them', async () => {
    const json = await trainTokenizer(TEXTS, { model: 'word', vocabSize: 30 })
    const tokenizer = tokenizerFromJSON(json, 'test')
    const ids = [0, ...tokenizer.encode('The zebra sat'), 1]
    const { labels } = piecesOf(tokenizer, ids, 'The zebra sat')
    expect(labels).toEqual([tokenizer.tokenOf(0), 'The', 'zebra', 'sat', tokenizer.tokenOf(1)])
  })

  it('are decoded where the ids are not those of the text', async () => {
    const json = await trainTokenizer(TEXTS, { model: 'bpe', vocabSize: 280 })
    const tokenizer = tokenizerFromJSON(json, 'test')
    expect(piecesOf(tokenizer, tokenizer.encode('a 🎉b'), 'another').labels.join('|')).toBe('a| |🎉 1/4|🎉 2/4|🎉 3/4|🎉 4/4|b')
    const special = tokenizerFromJSON(
      await trainTokenizer(TEXTS, { model: 'bpe', vocabSize: 280, specialTokens: ['<s>'] }),
      'test',
    )
    const ids = [0, ...special.encode('🎉'), 0]
    expect(piecesOf(special, ids, '?').labels).toEqual(['<s>', '🎉 1/4', '🎉 2/4', '🎉 3/4', '🎉 4/4', '<s>'])
    expect(piecesOf(new ByteTokenizer(), [0x61, 0xf0, 0x9f], '').labels).toEqual(['a', '\ufffd 1/2', '\ufffd 2/2'])
  })
})
