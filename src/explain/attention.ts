/** Runs a model once with taps in its attention, and gives what they saw. */
import { ConfigError, DataError } from '../errors.ts'
import { compile, type NdArray, ndarray, specsOf, type Tensor, withTaps } from '../tensor/index.ts'
import { type AttentionKind, type AttentionMap, type Choice, checkChoice, meanMap, TAPS } from './attention-map.ts'

export type AttentionOptions = {
  /** Default: the attention to the source where there is one, or else the first kind that the model has. */
  kind?: AttentionKind
  /** Default 'mean' */
  layer?: Choice
  /** Default 'mean' */
  head?: Choice
  threads?: number
}

/** A model, and the tokens that it reads, [1, …] each. */
export type Look = {
  /** Names the model in errors. */
  place: string
  params: unknown
  inputs: readonly NdArray[]
  /** The kinds of attention that the architecture may have, the most telling first, with the tokens of their rows and columns. */
  kinds: readonly { kind: AttentionKind; rows: readonly string[]; columns: readonly string[] }[]
  forward(params: any, ...inputs: Tensor[]): Tensor
}

/** What to try instead of a model without attention. */
export const ATTENTIVE = 'an encoder–decoder with attention, a Transformer, a Llama or the encoder of texts'

const MOST_WEIGHTS = 2 ** 25

/**
 * @throws ConfigError for a model without attention, or a kind, a layer or a head that it does not have; DataError where the weights
 *   would be too many to hold
 */
export async function lookedAt(look: Look, options: AttentionOptions): Promise<AttentionMap[]> {
  const { layer = 'mean', head = 'mean', threads } = options
  let chosen: { kind: AttentionKind; rows: readonly string[]; columns: readonly string[]; layers: number[] } | undefined
  const tapped = (params: unknown, inputs: readonly Tensor[]): readonly Tensor[] => {
    const names = look.kinds.map(({ kind }) => TAPS[kind])
    const { taps } = withTaps(look.forward(params, ...inputs), names)
    const found = kindOf(look, taps, options.kind)
    const all = taps[TAPS[found.kind]]!
    checkChoice(layer, all.length, 'layer', look.place)
    const layers = [...all.keys()].filter((l) => typeof layer === 'string' || l === layer - 1)
    const heads = all.map(({ shape }) => Number(shape[1]))
    checkChoice(head, Math.max(...heads), 'head', look.place)
    checkSize(look.place, layers.length * Math.max(...heads) * found.rows.length * found.columns.length)
    chosen = { ...found, layers }
    return layers.map((l) => all[l]!)
  }
  using program = await compile(tapped as never, [specsOf(look.params), specsOf(look.inputs)] as never, { threads })
  const run = program.run as (params: unknown, inputs: readonly NdArray[]) => Promise<NdArray[]>
  const arrays = await run.call(program, look.params, look.inputs)
  const byLayer = arrays.map((array, i) => headsOf(array, { ...chosen!, layer: chosen!.layers[i]! + 1 }, head))
  if (layer !== 'mean') return byLayer.flat()
  return byLayer[0]!.map((map, h) => {
    return meanMap(
      byLayer.map((maps) => maps[h]!),
      { layer: 'mean', head: map.head },
    )
  })
}

/** The kind that is asked for, or the first that the graph has. */
function kindOf({ kinds, place }: Look, taps: Record<string, Tensor[]>, wanted: AttentionKind | undefined) {
  const present = kinds.filter(({ kind }) => taps[TAPS[kind]]!.length > 0)
  if (present.length === 0) {
    throw new ConfigError({
      place,
      rule: 'only a model with attention can show its weights',
      got: 'a model without any',
      hint: ATTENTIVE,
    })
  }
  const found = wanted === undefined ? present[0] : present.find(({ kind }) => kind === wanted)
  if (found !== undefined) return found
  const names = present.map(({ kind }) => kind).join(', ')
  throw new ConfigError({ place, rule: `kind must be one that the model has: ${names}`, got: wanted })
}

/** One map a head of a layer, [1, H, T, S]; or one head of it, or their mean. */
function headsOf(
  { shape, data }: NdArray,
  { kind, layer, rows, columns }: Pick<AttentionMap, 'kind' | 'layer' | 'rows' | 'columns'>,
  choice: Choice,
): AttentionMap[] {
  const [, H, T, S] = shape as [number, number, number, number]
  const mapOf = (h: number): AttentionMap => {
    const row = (t: number) => Array.from((data as Float32Array).subarray((h * T + t) * S, (h * T + t + 1) * S))
    return { kind, layer, head: h + 1, rows, columns, weights: Array.from({ length: T }, (_, t) => row(t)) }
  }
  if (typeof choice === 'number') return [mapOf(choice - 1)]
  const all = Array.from({ length: H }, (_, h) => mapOf(h))
  return choice === 'all' ? all : [meanMap(all, { head: 'mean' })]
}

function checkSize(place: string, weights: number): void {
  if (weights <= MOST_WEIGHTS) return
  const rule = `at most ${MOST_WEIGHTS} attention weights are read at once`
  throw new DataError({ place, rule, got: `${weights}`, hint: 'choose one layer, or a shorter text' })
}

/** Ids of one text, i32 [1, T]. */
export const idsArray = (ids: ArrayLike<number>): NdArray => ndarray(Int32Array.from(ids), [1, ids.length], 'i32')

/** All of them real, bool [1, T]: one text alone has no padding. */
export const wholeMask = (length: number): NdArray => ndarray(new Uint8Array(length).fill(1), [1, length], 'bool')

/** @throws DataError for a text without tokens, or with more than the model reads: nothing is cut off silently */
export function checkLength(place: string, what: string, length: number, most: number): void {
  if (length === 0) throw new DataError({ place, rule: `the ${what} must have at least one token`, got: 'none' })
  if (length <= most) return
  const hint = 'explain a part of it'
  throw new DataError({ place, rule: `the ${what} must fit in the model's ${most} tokens`, got: `${length} tokens`, hint })
}
