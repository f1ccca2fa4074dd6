/** Chat templates: messages as the one text that a chat model was trained on, in the template language Jinja. */
import { createContext, Script } from 'node:vm'
import { Environment, Interpreter, parse, tokenize } from '@huggingface/jinja'
import { ConfigError, DataError, LoquentError } from '../errors.ts'
import { strftime } from './strftime.ts'

/** `content` is a text, or parts as the template knows them; tool calls and the like stand beside. */
export type ChatMessage = { role: string; content?: unknown; [key: string]: unknown }

export type ChatTemplateOptions = {
  /** Which of several named templates; by default `tool_use` where there is one and tools are given, else `default`. */
  template?: string
  /** Whether the text ends with the beginning of an answer. */
  addGenerationPrompt?: boolean
  /** Functions that the model may call, as JSON schemas. */
  tools?: readonly unknown[]
  /** Texts that an answer may draw on. */
  documents?: readonly unknown[]
  /** Further variables of the template, such as `enable_thinking`. */
  variables?: Readonly<Record<string, unknown>>
  /** A template comes from outside, and may loop within loops. */
  timeoutMs?: number
}

/** Special tokens by the names under which templates know them: bos_token, eos_token, … */
export type TemplateTokens = Readonly<Record<string, string>>

const MAX_TEMPLATE_LENGTH = 2 ** 20
const MAX_RANGE = 100_000
const TIMEOUT_MS = 10_000

type Program = ReturnType<typeof parse>

/** Jinja's own, in both spellings that it takes. */
const CONSTANTS = { true: true, false: false, none: null, True: true, False: false, None: null }

/** What a template itself refuses, with `raise_exception`. */
class Refusal extends Error {}

export class ChatTemplates {
  readonly #sources: ReadonlyMap<string, string>
  readonly #tokens: TemplateTokens
  readonly #place: string
  readonly #parsed = new Map<string, Program>()

  /**
   * @param sources  templates by name; the usual one is called `default`
   * @param place  where they stand, for errors
   */
  constructor(sources: ReadonlyMap<string, string>, tokens: TemplateTokens = {}, place = 'chat template') {
    this.#sources = sources
    this.#tokens = tokens
    this.#place = place
  }

  get names(): string[] {
    return [...this.#sources.keys()]
  }

  /**
   * Messages as one text.
   *
   * @throws DataError where the messages are none, or the template refuses them; ConfigError where the template is damaged, asks for
   *   what does not exist, or does not come to an end
   */
  apply(messages: readonly ChatMessage[], options: ChatTemplateOptions = {}): string {
    checkMessages(messages)
    const { addGenerationPrompt = false, tools, documents, variables = {}, timeoutMs = TIMEOUT_MS } = options
    const name = this.#choose(options)
    const values = {
      ...this.#tokens,
      ...variables,
      ...CONSTANTS,
      messages,
      tools: tools ?? null,
      documents: documents ?? null,
      add_generation_prompt: addGenerationPrompt,
      range,
      raise_exception: (message: unknown) => {
        throw new Refusal(`${message}`)
      },
      strftime_now: (format: unknown) => strftime(new Date(), `${format}`),
    }
    return this.#guarded(name, () => withTimeout(() => render(this.#template(name), values), timeoutMs))
  }

  #choose({ template, tools }: ChatTemplateOptions): string {
    const usual = tools !== undefined && this.#sources.has('tool_use') ? 'tool_use' : 'default'
    const name = template ?? (this.#sources.size === 1 ? this.names[0]! : usual)
    if (this.#sources.has(name)) return name
    throw new ConfigError({
      place: this.#place,
      rule: this.#sources.size === 0 ? 'there must be a chat template' : `the templates are ${this.names.join(', ')}`,
      got: name,
      hint: 'name one that is there',
    })
  }

  #template(name: string): Program {
    const before = this.#parsed.get(name)
    if (before) return before
    const source = this.#sources.get(name)!
    if (source.length > MAX_TEMPLATE_LENGTH) {
      const got = `${source.length} characters`
      throw new ConfigError({ place: this.#place, rule: `a template has at most ${MAX_TEMPLATE_LENGTH} characters`, got })
    }
    const template = parse(tokenize(source, { lstrip_blocks: true, trim_blocks: true })) // as transformers set Jinja up
    this.#parsed.set(name, template)
    return template
  }

  #guarded(name: string, run: () => string): string {
    try {
      return run()
    } catch (cause) {
      if (cause instanceof LoquentError) throw cause
      const place = this.#sources.size > 1 ? `${this.#place}: ${name}` : this.#place
      const got = (cause instanceof Error ? cause.message : `${cause}`).slice(0, 500)
      if (cause instanceof Refusal) throw new DataError({ place, rule: 'the chat template refuses these messages', got, cause })
      const hint = 'the template is not written for these messages, or damaged'
      throw new ConfigError({ place, rule: 'the chat template must come to an end without an error', got, hint, cause })
    }
  }
}

function render(template: Program, values: Readonly<Record<string, unknown>>): string {
  const environment = new Environment()
  for (const [name, value] of Object.entries(values)) environment.set(name, value)
  return (new Interpreter(environment).run(template) as { value: string }).value
}

/** Runs a function and stops it, wherever it is, when the time is over. */
function withTimeout<T>(run: () => T, timeout: number): T {
  return new Script('run()').runInContext(createContext({ run }), { timeout }) as T
}

/** Python's range, as long as a template may need it. */
function range(...args: unknown[]): number[] {
  const [start, stop, step] = args.length === 1 ? [0, args[0], 1] : [args[0], args[1], args[2] ?? 1]
  const numbers = [start, stop, step].map(Number)
  const length = Math.ceil((numbers[1]! - numbers[0]!) / numbers[2]!)
  if (!numbers.every(Number.isInteger) || !Number.isFinite(length)) throw new Error('range takes whole numbers')
  if (length > MAX_RANGE) throw new Error(`range makes at most ${MAX_RANGE} numbers`)
  return Array.from({ length: Math.max(0, length) }, (_, i) => numbers[0]! + i * numbers[2]!)
}

function checkMessages(messages: readonly ChatMessage[]): void {
  const isMessage = (value: unknown) =>
    typeof value === 'object' && value !== null && typeof (value as ChatMessage).role === 'string'
  if (Array.isArray(messages) && messages.every(isMessage)) return
  throw new DataError({
    place: 'chat messages',
    rule: 'a conversation is a list of messages, each with a role',
    got: Array.isArray(messages) ? 'a message without a role' : `a ${typeof messages}`,
    hint: "write [{ role: 'user', content: '…' }, …]",
  })
}
