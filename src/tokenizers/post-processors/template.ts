/** Tokens around texts by a template: `[CLS] $A [SEP] $B [SEP]`, each with its type. */
import { z } from 'zod'
import { FormatError } from '../../errors.ts'
import { addedTokens, type Encoding, mapped } from '../encoding.ts'
import { id, part } from '../schema.ts'
import type { PostProcessor } from './post-processor.ts'

const piece = z.union([
  z.strictObject({ SpecialToken: z.strictObject({ id: z.string(), type_id: id }) }),
  z.strictObject({ Sequence: z.strictObject({ id: z.enum(['A', 'B']), type_id: id }) }),
])
type Piece = z.output<typeof piece>

const special = z.strictObject({ id: z.string(), ids: z.array(id), tokens: z.array(z.string()) })
type Special = z.output<typeof special>

export const templateFromJSON = part(
  { single: z.array(piece), pair: z.array(piece), special_tokens: z.record(z.string(), special) },
  ({ single, pair, special_tokens }, place): PostProcessor => {
    const specials = new Map(Object.entries(special_tokens))
    checkTemplate(single, specials, ['A'], `${place}.single`)
    checkTemplate(pair, specials, ['A', 'B'], `${place}.pair`)
    for (const [name, { ids, tokens }] of specials) {
      if (ids.length === tokens.length) continue
      const got = `${ids.length} ids, ${tokens.length} tokens`
      throw new FormatError({
        place: `${place}.special_tokens.${name.slice(0, 100)}`,
        rule: 'must have as many ids as tokens',
        got,
      })
    }
    const count = (template: readonly Piece[]) =>
      template.reduce((n, piece) => n + ('SpecialToken' in piece ? specials.get(piece.SpecialToken.id)!.ids.length : 0), 0)
    return {
      added: (isPair) => count(isPair ? pair : single),
      process: (texts, addSpecialTokens) =>
        filled(texts.length > 1 ? pair : single, texts, addSpecialTokens ? specials : undefined),
    }
  },
)

function filled(
  template: readonly Piece[],
  texts: readonly Encoding[],
  specials: ReadonlyMap<string, Special> | undefined,
): Encoding[] {
  return template.flatMap((piece) => {
    if ('Sequence' in piece) {
      const { id, type_id } = piece.Sequence
      return [mapped(texts[id === 'A' ? 0 : 1], (part) => ({ ...part, typeIds: part.ids.map(() => type_id) }))]
    }
    if (!specials) return []
    const { ids, tokens } = specials.get(piece.SpecialToken.id)!
    return [addedTokens(ids, tokens, piece.SpecialToken.type_id)]
  })
}

function checkTemplate(
  template: readonly Piece[],
  specials: ReadonlyMap<string, Special>,
  texts: readonly string[],
  place: string,
): void {
  const used = template.flatMap((piece) => ('Sequence' in piece ? [piece.Sequence.id as string] : []))
  const wrong = used.find((text) => !texts.includes(text))
  const missing = texts.find((text) => !used.includes(text))
  if (wrong !== undefined || missing !== undefined) {
    throw new FormatError({ place, rule: `must name ${texts.join(' and ')}`, got: used.join(', ') || 'none' })
  }
  for (const [i, piece] of template.entries()) {
    if (!('SpecialToken' in piece) || specials.has(piece.SpecialToken.id)) continue
    const got = JSON.stringify(piece.SpecialToken.id).slice(0, 100)
    throw new FormatError({ place: `${place}.${i}`, rule: 'a token of a template must stand in special_tokens', got })
  }
}
