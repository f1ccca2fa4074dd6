/** Filling up what is too short. */
import { z } from 'zod'
import { ConfigError } from '../errors.ts'
import { addedTokens, type Encoding, mapped, merged } from './encoding.ts'
import { id, parsed } from './schema.ts'

export type Padding = {
  /** A number of tokens, or as many as the longest of a batch has. Default: the longest. */
  length?: number | 'longest'
  /** Where tokens are added. Default: at the right. */
  direction?: 'left' | 'right'
  /** The length is rounded up to a multiple of this. */
  multipleOf?: number
  /** The token that fills up. Default: [PAD] with the id and the type 0. */
  id?: number
  typeId?: number
  token?: string
}

const PADDING = z.strictObject({
  strategy: z.union([z.literal('BatchLongest'), z.strictObject({ Fixed: z.number().int().min(0).max(1_000_000) })]),
  direction: z.enum(['Left', 'Right']),
  pad_to_multiple_of: z.number().int().min(0).max(1_000_000).nullish(),
  pad_id: id,
  pad_type_id: id,
  pad_token: z.string(),
})

/** @throws FormatError for a damaged part of a file */
export function paddingFromJSON(json: unknown, place: string): Padding {
  const fields = parsed(PADDING, json, place)
  return {
    length: fields.strategy === 'BatchLongest' ? 'longest' : fields.strategy.Fixed,
    direction: fields.direction === 'Left' ? 'left' : 'right',
    ...(fields.pad_to_multiple_of && { multipleOf: fields.pad_to_multiple_of }),
    id: fields.pad_id,
    typeId: fields.pad_type_id,
    token: fields.pad_token,
  }
}

/** @throws ConfigError for a length that cannot be */
export function padded(batch: readonly Encoding[], padding: Padding): Encoding[] {
  const { length = 'longest', multipleOf } = padding
  for (const [name, value] of Object.entries({ length, multipleOf })) {
    if (value === undefined || value === 'longest' || (Number.isInteger(value) && value > 0)) continue
    throw new ConfigError({ place: 'padding', rule: `${name} must be a whole number above 0`, got: `${value}` })
  }
  const least = length === 'longest' ? batch.reduce((most, { ids }) => Math.max(most, ids.length), 0) : length
  const target = multipleOf ? Math.ceil(least / multipleOf) * multipleOf : least
  return batch.map((encoding) => mapped(encoding, (part) => filled(part, target, padding)))
}

function filled(
  encoding: Encoding,
  target: number,
  { direction = 'right', id = 0, typeId = 0, token = '[PAD]' }: Padding,
): Encoding {
  const missing = target - encoding.ids.length
  if (missing <= 0) return encoding
  const fill = {
    ...addedTokens(new Array(missing).fill(id), new Array(missing).fill(token), typeId),
    attentionMask: new Array(missing).fill(0),
  }
  return merged(direction === 'left' ? [fill, { ...encoding, overflowing: [] }] : [{ ...encoding, overflowing: [] }, fill])
}
