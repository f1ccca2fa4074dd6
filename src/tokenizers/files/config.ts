/** tokenizer_config.json and the files beside it: which class a vocabulary belongs to, and which tokens are special. */
import { FormatError } from '../../errors.ts'
import { type AddedToken, addedToken } from './schema.ts'

const ROLES = ['bos', 'eos', 'unk', 'sep', 'pad', 'cls', 'mask'] as const
export type Role = (typeof ROLES)[number]

export type TokenizerConfig = {
  /** Without the ending Fast: both classes of transformers read the same files. */
  tokenizerClass: string | undefined
  /** Special tokens by what they are for. */
  tokens: Readonly<Partial<Record<Role, string>>>
  /** Tokens beside the vocabulary, by content; the id is undefined where only the content is named. */
  added: ReadonlyMap<string, Omit<AddedToken, 'id'> & { id: number | undefined }>
  /** A setting such as `do_lower_case`; undefined where it is not a boolean. */
  flag(name: string): boolean | undefined
  number(name: string): number | undefined
  text(name: string): string | undefined
  /** Whether there was a tokenizer_config.json. */
  isGiven: boolean
}

type Json = Readonly<Record<string, unknown>>
export type ConfigFiles = { config?: unknown; specialTokensMap?: unknown; addedTokens?: unknown; place: string }

/**
 * What the files say together. tokenizer_config.json goes before special_tokens_map.json, and added_tokens_decoder in it before
 * added_tokens.json.
 *
 * @throws FormatError where an entry is not what its key promises
 */
export function tokenizerConfig({ config, specialTokensMap, addedTokens, place }: ConfigFiles): TokenizerConfig {
  const settings = objectOf(config, `${place}: tokenizer_config.json`)
  const map = objectOf(specialTokensMap, `${place}: special_tokens_map.json`)
  const tokens: Partial<Record<Role, string>> = {}
  const added = new Map<string, Omit<AddedToken, 'id'> & { id: number | undefined }>()
  for (const [content, id] of Object.entries(objectOf(addedTokens, `${place}: added_tokens.json`))) {
    added.set(content, { ...addedToken(0, content, false), id: idOf(id, `${place}: added_tokens.json`) })
  }
  const decoder = objectOf(settings.added_tokens_decoder, `${place}: added_tokens_decoder`)
  for (const [id, token] of Object.entries(decoder)) {
    const known = tokenOf(token, `${place}: added_tokens_decoder`)
    added.set(known.content, { ...known, id: idOf(Number(id), `${place}: added_tokens_decoder`) })
  }
  for (const role of ROLES) {
    const value = settings[`${role}_token`] ?? map[`${role}_token`]
    if (value === null || value === undefined) continue
    const token = { ...tokenOf(value, `${place}: ${role}_token`), special: true }
    tokens[role] = token.content
    added.set(token.content, { ...(added.get(token.content) ?? { ...token, id: undefined }), special: true })
  }
  for (const value of listOf(settings.additional_special_tokens ?? map.additional_special_tokens)) {
    const token = { ...tokenOf(value, `${place}: additional_special_tokens`), special: true }
    if (!added.has(token.content)) added.set(token.content, { id: undefined, ...token })
  }
  const { tokenizer_class: className } = settings
  return {
    tokenizerClass: typeof className === 'string' ? className.replace(/Fast$/, '') : undefined,
    tokens,
    added,
    flag: (name) => (typeof settings[name] === 'boolean' ? settings[name] : undefined),
    number: (name) => (typeof settings[name] === 'number' ? settings[name] : undefined),
    text: (name) => (typeof settings[name] === 'string' ? settings[name] : undefined),
    isGiven: config !== undefined,
  }
}

/**
 * Added tokens of a vocabulary: those that the configuration names, in the order of their ids. A token without an id that the
 * vocabulary lacks gets the next one, as transformers give it.
 *
 * @param usual  special tokens of the class, which need no naming where the vocabulary has them
 */
export function addedTokensOf(
  vocab: ReadonlyMap<string, number>,
  { added }: TokenizerConfig,
  place: string,
  usual: readonly string[] = [],
): AddedToken[] {
  const known = usual.filter((token) => vocab.has(token))
  // RoBERTa's mask takes the space before it, also where the configuration only names it.
  const given = new Map(known.map((token) => [token, { ...addedToken(vocab.get(token)!, token), lstrip: token === '<mask>' }]))
  for (const [content, token] of added) {
    const id = vocab.get(content) ?? token.id
    if (id === undefined) continue
    if (token.id !== undefined && token.id !== id) {
      const got = `${JSON.stringify(content.slice(0, 100))} is ${id} in the vocabulary, ${token.id} in the configuration`
      throw new FormatError({ place, rule: 'the files of a tokenizer agree', got, hint: 'copy all of them from one folder' })
    }
    given.set(content, { ...token, id, lstrip: token.lstrip || given.get(content)?.lstrip === true })
  }
  let next = 1 + Math.max(maxOf(vocab.values()), maxOf(Array.from(given.values(), ({ id }) => id)))
  for (const [content, token] of added) if (!given.has(content)) given.set(content, { ...token, id: next++ })
  return [...given.values()].sort((a, b) => a.id - b.id)
}

/** `Math.max(...ids)` has too many arguments for a large vocabulary. */
function maxOf(ids: Iterable<number>): number {
  let max = -1
  for (const id of ids) max = Math.max(max, id)
  return max
}

function objectOf(value: unknown, place: string): Json {
  if (value === undefined || value === null) return {}
  if (typeof value === 'object' && !Array.isArray(value)) return value as Json
  throw new FormatError({ place, rule: 'must be an object', got: Array.isArray(value) ? 'an array' : `a ${typeof value}` })
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

function tokenOf(value: unknown, place: string): Omit<AddedToken, 'id'> {
  const { content, ...flags } = typeof value === 'string' ? { content: value } : objectOf(value, place)
  if (typeof content !== 'string' || content === '') {
    throw new FormatError({ place, rule: 'a token is a text, or an object with its content', got: `${typeof content}` })
  }
  const { id: _, ...token } = addedToken(0, content)
  const known = ['single_word', 'lstrip', 'rstrip', 'normalized', 'special'].filter((flag) => typeof flags[flag] === 'boolean')
  return { ...token, ...Object.fromEntries(known.map((flag) => [flag, flags[flag]])) }
}

function idOf(value: unknown, place: string): number {
  if (Number.isInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 31) return value as number
  throw new FormatError({ place, rule: 'an id is a whole number from 0', got: `${value}`.slice(0, 100) })
}
