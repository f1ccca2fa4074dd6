import { existsSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type ChatMessage, ChatTemplates } from './chat-template.ts'
import { strftime } from './strftime.ts'

type Options = { add_generation_prompt?: boolean; tools?: unknown[]; documents?: unknown[] } & Record<string, unknown>
type Case = { template: string; conversation: number; options: Options; text?: string; error?: string }

const golden = JSON.parse(readFileSync('test/golden/chat_templates.json', 'utf8'))
const tinyllama = '../shared/data/tokenizers/tinyllama/chat_template.jinja'
const sources: Record<string, string> = { ...golden.templates }
if (existsSync(tinyllama)) sources.tinyllama = readFileSync(tinyllama, 'utf8')
else console.info(`skipped: ${tinyllama} is not there`)

const of = (source: string, tokens = {}) => new ChatTemplates(new Map([['default', source]]), tokens, 'here')
const hello: ChatMessage[] = [{ role: 'user', content: 'hello' }]

describe('as transformers write it', () => {
  beforeEach(() => void vi.useFakeTimers({ now: new Date(golden.now), toFake: ['Date'] }))
  afterEach(() => void vi.useRealTimers())

  const cases = (golden.cases as Case[]).map((item, i) => [`${i}: ${item.template}`, item] as const)
  it.each(cases.filter(([, { template }]) => template in sources))(
    'case %s',
    (_, { template, conversation, options, text, error }) => {
      const { add_generation_prompt: addGenerationPrompt, tools, documents, ...variables } = options
      const messages = golden.conversations[conversation]
      const apply = () =>
        of(sources[template], golden.tokens).apply(messages, { addGenerationPrompt, tools, documents, variables })
      if (text !== undefined) return expect(apply()).toBe(text)
      expect(apply).toThrow(`got    ${error}`)
      expect(apply).toThrow(expect.objectContaining({ code: 'data' }))
    },
  )
})

describe('several templates', () => {
  const several = new ChatTemplates(
    new Map([
      ['default', 'plain'],
      ['tool_use', 'with {{ tools | length }} tools'],
      ['rag', 'with documents'],
    ]),
  )

  it('takes the one for tools where there are tools, and any by name', () => {
    expect(several.apply(hello)).toBe('plain')
    expect(several.apply(hello, { tools: [{}, {}] })).toBe('with 2 tools')
    expect(several.apply(hello, { template: 'rag', tools: [{}] })).toBe('with documents')
    expect(() => several.apply(hello, { template: 'none' })).toThrow('the templates are default, tool_use, rag')
  })

  it('takes the only one, whatever its name', () => {
    expect(new ChatTemplates(new Map([['chat', 'only']])).apply(hello, { tools: [] })).toBe('only')
    expect(() => new ChatTemplates(new Map()).apply(hello)).toThrow('there must be a chat template')
  })
})

describe('refuses', () => {
  it.each([
    ['a template that is cut short', '{% for m in messages %}'],
    ['an unknown filter', '{{ messages | explode }}'],
    ['an unknown method', '{{ messages[0].role.explode() }}'],
    ['a range without end', '{% for i in range(10 ** 9) %}x{% endfor %}'],
    ['a range over the limit', '{% for i in range(1000000000) %}x{% endfor %}'],
    ['a step of nothing', '{% for i in range(0, 5, 0) %}x{% endfor %}'],
    ['deep nesting', `{{ ${'('.repeat(100_000)} }}`],
    [
      'a text without end',
      `{% set ns = namespace(x='aaaaaaaa') %}{% for i in range(60) %}{% set ns.x = ns.x + ns.x %}{% endfor %}{{ ns.x }}`,
    ],
    ['a template that is too long', ' '.repeat(2 ** 20 + 1)],
  ])('%s', (_, source) => {
    expect(() => of(source).apply(hello)).toThrow(/^here: /)
    expect(() => of(source).apply(hello)).toThrow(expect.objectContaining({ code: 'config' }))
  })

  it('loops that do not come to an end', () => {
    const loops = '{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}'
    expect(() => of(loops).apply(hello, { timeoutMs: 100 })).toThrow('timed out')
  })

  it.each([[undefined], ['hello'], [[undefined]], [[{ content: 'hello' }]], [{ role: 'user' }]])(
    'messages such as %j',
    (messages) => {
      expect(() => of('x').apply(messages as unknown as ChatMessage[])).toThrow('a conversation is a list of messages')
    },
  )

  it('any damaged template with an error of ours', () => {
    const { qwen2 } = golden.templates
    const damage = fc.tuple(fc.nat(qwen2.length), fc.nat(30), fc.string({ maxLength: 6 }))
    fc.assert(
      fc.property(damage, ([at, length, text]) => {
        const source = qwen2.slice(0, at) + text + qwen2.slice(at + length)
        try {
          expect(typeof of(source).apply(golden.conversations[1])).toBe('string')
        } catch (error) {
          expect(error).toMatchObject({ code: expect.stringMatching(/^(config|data)$/) })
        }
      }),
      { numRuns: 200 },
    )
  })

  it('to reach beyond its values', () => {
    for (const source of [
      "{{ messages.constructor.constructor('return 1')() }}",
      "{{ raise_exception.constructor('return 1')() }}",
    ]) {
      expect(() => of(source).apply(hello)).toThrow(expect.objectContaining({ code: 'config' }))
    }
    expect(of('{{ messages.__proto__ }}{{ process }}{{ globalThis }}').apply(hello)).toBe('')
  })
})

describe('strftime', () => {
  it.each([
    ['%d %b %Y', '05 Mar 2026'],
    ['%A, %-d %B %y %j', 'Thursday, 5 March 26 064'],
    ['%H:%M:%S %I %p %a %w', '09:08:07 09 AM Thu 4'],
    ['%F %T %D %R %e %m %f', '2026-03-05 09:08:07 03/05/26 09:08  5 03 000000'],
    ['100 %% %Q %', '100 % %Q %'],
  ])('writes %s', (format, text) => {
    expect(strftime(new Date(2026, 2, 5, 9, 8, 7), format)).toBe(text)
  })
})
