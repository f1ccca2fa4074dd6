import { describe, expect, it } from 'vitest'
import { ByteTokenizer } from '../tokenizers/byte.ts'
import type { Memory, Reader } from './reader.ts'
import { TextGenerator, type TextPiece } from './text-generator.ts'

class Count implements Memory<Count> {
  reads: number[][]
  constructor(reads: number[][] = []) {
    this.reads = reads
  }
  repeat(): Count {
    return new Count(this.reads.map((ids) => [...ids]))
  }
}

/** Answers a fixed text byte by byte, whatever it reads; `asked` keeps the prompts. */
class Script implements Reader<Count> {
  readonly vocabSize = 256
  readonly contextLength: number
  readonly asked: number[][] = []
  readonly #bytes: Uint8Array

  constructor(text: string, contextLength = 100) {
    this.#bytes = new TextEncoder().encode(text)
    this.contextLength = contextLength
  }

  memory(): Count {
    return new Count()
  }

  async read(memory: Count, { data, shape: [B] }: { data: ArrayLike<number>; shape: readonly number[] }): Promise<Float32Array> {
    this.asked.push(Array.from(data))
    const logits = new Float32Array(B * 256)
    for (let b = 0; b < B; b++) logits[b * 256 + (this.#bytes[memory.reads.length] ?? 0)] = 50
    memory.reads.push(Array.from(data))
    return logits
  }

  [Symbol.dispose](): void {}
}

const generator = (text: string, context?: number, special = {}) => {
  const script = new Script(text, context)
  return { script, generator: new TextGenerator(script, new ByteTokenizer(), special) }
}

async function pieces(stream: AsyncGenerator<TextPiece, unknown, undefined>): Promise<string[]> {
  const texts: string[] = []
  for await (const { text } of stream) texts.push(text)
  return texts
}

describe('a generated text', () => {
  it('comes in pieces that never split a character', async () => {
    const { generator: g } = generator('aé😀b')
    expect(await pieces(g.stream('x', { maxTokens: 8 }))).toEqual(['a', 'é', '😀', 'b'])
    const cutShort = await generator('é').generator.generate('x', { maxTokens: 1 })
    expect(cutShort).toMatchObject({ text: '\ufffd', finishReason: 'length', usage: { promptTokens: 1, completionTokens: 1 } })
  })

  it('ends before a stop string, or at a token that ends texts', async () => {
    const stopped = await generator('one.\n\ntwo').generator.generate('x', { maxTokens: 9, stop: ['\n\n', 'zzz'] })
    expect(stopped).toMatchObject({ text: 'one.', finishReason: 'stop' })
    const ended = await generator('one|two', 100, { eos: ['|'.charCodeAt(0)] }).generator.generate('x', { maxTokens: 9 })
    expect(ended).toMatchObject({ text: 'one', finishReason: 'stop', usage: { completionTokens: 3 } })
  })

  it('tells its tokens with their log-probabilities', async () => {
    const { tokens } = await generator('hi').generator.generate('x', { maxTokens: 2, topLogprobs: 1 })
    expect(tokens.map(({ token }) => token)).toEqual(['h', 'i'])
    expect(tokens[0].logprob).toBeCloseTo(0, 6)
    expect(tokens[0].topLogprobs).toMatchObject([{ id: 104 }])
  })

  it('begins with the token that begins texts, also from an empty prompt', async () => {
    const { script, generator: g } = generator('a', 100, { bos: 1 })
    await g.generate('', { maxTokens: 1 })
    expect(script.asked[0]).toEqual([1])
    await expect(generator('a').generator.generate('')).rejects.toThrow('must not be empty')
  })

  it('is one of several where asked for', async () => {
    const many = await generator('abc').generator.generateMany('x', 3, { maxTokens: 3 })
    expect(many.map(({ text }) => text)).toEqual(['abc', 'abc', 'abc'])
  })

  it.each([0, 1.5])('is not one of %j', async (n) => {
    await expect(generator('a').generator.generateMany('x', n)).rejects.toMatchObject({ code: 'config' })
  })

  it('stops where the signal aborts', async () => {
    const controller = new AbortController()
    const stream = generator('a'.repeat(50)).generator.stream('x', { maxTokens: 50, signal: controller.signal })
    await stream.next()
    controller.abort(new Error('enough'))
    await expect(pieces(stream)).rejects.toThrow('enough')
  })
})

describe('a prompt beside its context', () => {
  it('fits where its last token may still be generated', async () => {
    const { generator: g } = generator('abcdef', 10)
    expect((await g.generate('1234567', { maxTokens: 4 })).text).toBe('abcd')
    await expect(g.generate('12345678', { maxTokens: 4 })).rejects.toThrow(/10 tokens at most\n.*prompt of 8 tokens, and 4/)
    expect((await g.generate('1234567890')).usage.completionTokens).toBe(1)
    await expect(g.generate('12345678901')).rejects.toThrow('10 tokens at most')
  })

  it('loses its beginning under the policy that says so, and the answer tells', async () => {
    const { script, generator: g } = generator('abcd', 10, { bos: 1 })
    const generation = await g.generate('123456789', { maxTokens: 4, overflow: 'drop-start' })
    expect(script.asked[0]).toEqual([1, ...Buffer.from('456789')])
    expect(generation).toMatchObject({ text: 'abcd', droppedTokens: 3, usage: { promptTokens: 7 } })
    await expect(g.generate('x', { maxTokens: 40, overflow: 'drop-start' })).rejects.toThrow('10 tokens at most')
  })

  it.each([0, -1, 1.5, Number.NaN])('%j tokens are refused', async (maxTokens) => {
    await expect(generator('a').generator.generate('x', { maxTokens })).rejects.toMatchObject({ code: 'config' })
  })
})
